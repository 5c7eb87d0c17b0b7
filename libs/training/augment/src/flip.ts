import { factory, oneOf, uniforms, unitClosed } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { blank, imageShape, withInputs } from './images.ts';

export interface FlipOptions {
  /** `horizontal` swaps left and right, `vertical` top and bottom. Default `horizontal`. */
  readonly axis?: 'horizontal' | 'vertical';
  /** Share of the examples that are flipped. Default 0.5. */
  readonly probability?: number;
}

/** 1 where an example is flipped. */
export type FlipDraw = Uint8Array;

/** Mirrors images, each with a probability of its own. */
export const randomFlip = factory<FlipOptions, Augmentation<FlipDraw, 'same'>>('randomFlip', { axis: oneOf('horizontal', 'vertical'), probability: unitClosed }, ({ axis = 'horizontal', probability = 0.5 }) => {
  const flip = <A extends Uint8Array | Float32Array | Int32Array>(from: A, to: A, shape: readonly number[], flips: FlipDraw): A => {
    const { size, height, width, channels } = imageShape('randomFlip', shape);
    const row = width * channels;
    for (let n = 0; n < size; n++) {
      const start = n * height * row;
      if (!flips[n]) to.set(from.subarray(start, start + height * row), start);
      else if (axis === 'vertical') for (let y = 0; y < height; y++) to.set(from.subarray(start + y * row, start + (y + 1) * row), start + (height - 1 - y) * row);
      else {
        for (let y = 0, o = start; y < height; y++) {
          for (let x = width - 1; x >= 0; x--) for (let c = 0, i = start + y * row + x * channels; c < channels; c++) to[o++] = from[i + c];
        }
      }
    }
    return to;
  };
  return {
    name: 'randomFlip',
    targets: 'same',
    sample: (key, shape) => Uint8Array.from(uniforms(key, shape[0]), (u) => (u < probability ? 1 : 0)),
    apply: (examples, flips) => withInputs(examples, flip(examples.inputs, blank('randomFlip', examples.inputs), examples.inputShape, flips)),
    applyToMasks: ({ shape, values }, flips) => ({ shape, values: flip(values, values.slice(), shape, flips) }),
  };
});
