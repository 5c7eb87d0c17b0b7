import type { Trainer } from '@gradstream/engine';
import type { Weights } from '@gradstream/numerics';
import type { Plane, Surface, UnitLayer } from './messages.ts';
import { side as surfaceSide, softmax, surfaceOf } from './surface.ts';

export type ActivationName = 'relu' | 'tanh' | 'gelu' | 'sigmoid';

/** Error function, Abramowitz and Stegun 1964, 7.1.26: within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return Math.sign(x) * (1 - tail);
}

const activations: Readonly<Record<ActivationName, (x: number) => number>> = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  gelu: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** A dense layer in float64: kernel [inputs, outputs]. */
function dense(inputs: readonly Float64Array[], kernel: ArrayLike<number>, bias: ArrayLike<number>, activate: (x: number) => number): Float64Array[] {
  const points = inputs[0].length;
  return Array.from({ length: bias.length }, (_, unit) => {
    const out = new Float64Array(points).fill(bias[unit]);
    inputs.forEach((input, i) => {
      const weight = kernel[i * bias.length + unit];
      for (let p = 0; p < points; p++) out[p] += weight * input[p];
    });
    return out.map(activate);
  });
}

/**
 * A network of dense layers on a grid of the plane, in float64 and without the engine: hidden layers for the heat maps, and
 * logits as a check on whatever computed the decision surface.
 */
export function unitsOf(weights: Weights, activation: ActivationName, { bounds: [x0, x1, y0, y1] }: Pick<Plane, 'bounds'>, side: number): { readonly hidden: readonly UnitLayer[]; readonly logits: readonly Float64Array[] } {
  const size = side * side;
  let values: Float64Array[] = [
    Float64Array.from({ length: size }, (_, i) => x0 + ((i % side) + 0.5) * (x1 - x0) / side),
    Float64Array.from({ length: size }, (_, i) => y1 - (Math.floor(i / side) + 0.5) * (y1 - y0) / side),
  ];
  const hidden: UnitLayer[] = [];
  for (let layer = 1; weights.has(`hidden${layer}/kernel`); layer++) {
    values = dense(values, weights.get(`hidden${layer}/kernel`)!.values, weights.get(`hidden${layer}/bias`)!.values, activations[activation]);
    const all = new Float32Array(values.length * size);
    values.forEach((unit, k) => all.set(unit, k * size));
    hidden.push({ side, units: values.length, values: all });
  }
  return { hidden, logits: dense(values, weights.get('output/kernel')!.values, weights.get('output/bias')!.values, (x) => x) };
}

/** Parameters up to which a network is computed here for a picture: one read of its weights costs less than a pass through the engine. */
const mostParams = 20_000;

/** The decision surface with the heat maps of its units; of large networks the surface alone, as the engine computes it. */
export function pictureOf(trainer: Pick<Trainer, 'evaluate' | 'evaluationWeights' | 'model'>, activation: ActivationName, plane: Plane, step: number): Surface {
  const params = trainer.model.params.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
  if (params > mostParams) return surfaceOf(trainer, plane, step);
  const { hidden, logits } = unitsOf(trainer.evaluationWeights(), activation, plane, surfaceSide);
  const { classes } = plane;
  return {
    step, side: surfaceSide, classes,
    probabilities: softmax(Float32Array.from({ length: logits[0].length * classes }, (_, i) => logits[i % classes][Math.floor(i / classes)]), classes),
    units: hidden.map(halved),
  };
}

/** Every second point of every second row: a heat map is small. */
function halved({ side, units, values }: UnitLayer): UnitLayer {
  const half = side >> 1;
  const out = new Float32Array(units * half * half);
  for (let u = 0; u < units; u++) for (let y = 0; y < half; y++) for (let x = 0; x < half; x++) out[(u * half + y) * half + x] = values[(u * side + 2 * y) * side + 2 * x];
  return { side: half, units, values: out };
}
