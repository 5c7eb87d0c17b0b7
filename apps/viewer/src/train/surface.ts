import type { Data } from '@gradstream/datasets';
import type { Trainer } from '@gradstream/engine';
import type { Plane, Surface } from './messages.ts';

/** Points of the grid on each side. */
export const side = 64;

/** The training points of planar data, and the square around them with some room. */
export function planeOf({ train }: Pick<Data, 'train'>): Plane {
  const { inputs, targets } = train.gather(Array.from({ length: train.size }, (_, i) => i));
  const points = Float32Array.from(inputs);
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    x0 = Math.min(x0, points[i]);
    x1 = Math.max(x1, points[i]);
    y0 = Math.min(y0, points[i + 1]);
    y1 = Math.max(y1, points[i + 1]);
  }
  const half = Math.max(x1 - x0, y1 - y0) * 0.58;
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return { points, labels: Int32Array.from(targets.values), classes: targets.width, bounds: [cx - half, cx + half, cy - half, cy + half] };
}

/** Asks the model for its class probabilities on a grid of 64 x 64 points, row by row from the top. */
export function surfaceOf(trainer: Pick<Trainer, 'evaluate'>, { bounds: [x0, x1, y0, y1], classes }: Plane, step: number): Surface {
  const size = side * side;
  const inputs = new Float32Array(size * 2);
  for (let i = 0; i < size; i++) {
    inputs[2 * i] = x0 + ((i % side) + 0.5) * (x1 - x0) / side;
    inputs[2 * i + 1] = y1 - (Math.floor(i / side) + 0.5) * (y1 - y0) / side;
  }
  const { outputs } = trainer.evaluate({ size, inputShape: [size, 2], inputs, targets: { kind: 'classes', width: classes, shape: [size], values: new Int32Array(size) } });
  return { step, side, classes, probabilities: softmax(outputs, classes) };
}

/** Softmax of each row of `width` logits. */
export function softmax(logits: Float32Array, width: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += width) {
    let max = -Infinity;
    for (let c = 0; c < width; c++) max = Math.max(max, logits[row + c]);
    let sum = 0;
    for (let c = 0; c < width; c++) sum += out[row + c] = Math.exp(logits[row + c] - max);
    for (let c = 0; c < width; c++) out[row + c] /= sum;
  }
  return out;
}
