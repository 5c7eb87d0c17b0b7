import { factory, integerAt, oneOf, wholeNumber } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { blank, imageShape, withInputs } from './images.ts';

export interface ShiftOptions {
  /** Furthest shift in each direction, in whole pixels. Default 2. */
  readonly pixels?: number;
  /** What comes in from outside: zeros, or the border pixel. Default `zero`. */
  readonly border?: 'zero' | 'edge';
}

/** Pixels by which each example moves, right and down. */
export interface ShiftDraw {
  readonly dx: Int32Array;
  readonly dy: Int32Array;
}

/** Moves images by whole pixels, each evenly drawn from −pixels … pixels, right and down alone. */
export const randomShift = factory<ShiftOptions, Augmentation<ShiftDraw, 'same'>>('randomShift', { pixels: wholeNumber, border: oneOf('zero', 'edge') }, ({ pixels = 2, border = 'zero' }) => {
  const shift = <A extends Uint8Array | Float32Array | Int32Array>(from: A, to: A, shape: readonly number[], { dx, dy }: ShiftDraw): A => {
    const { size, height, width, channels } = imageShape('randomShift', shape);
    const row = width * channels;
    for (let n = 0; n < size; n++) {
      const start = n * height * row;
      const left = Math.min(width, Math.max(0, dx[n]));
      const right = Math.max(0, Math.min(width, width + dx[n]));
      for (let y = 0; y < height; y++) {
        const source = y - dy[n];
        const inside = source >= 0 && source < height;
        if (!inside && border === 'zero') continue;
        const i = start + Math.min(height - 1, Math.max(0, source)) * row;
        const o = start + y * row;
        if (right > left) to.set(from.subarray(i + (left - dx[n]) * channels, i + (right - dx[n]) * channels), o + left * channels);
        if (border === 'zero') continue;
        for (let x = 0; x < left; x++) to.set(from.subarray(i, i + channels), o + x * channels);
        for (let x = right; x < width; x++) to.set(from.subarray(i + row - channels, i + row), o + x * channels);
      }
    }
    return to;
  };
  return {
    name: 'randomShift',
    targets: 'same',
    sample: (key, [size]) => ({
      dx: Int32Array.from({ length: size }, (_, i) => integerAt(key, 2 * i, 2 * pixels + 1) - pixels),
      dy: Int32Array.from({ length: size }, (_, i) => integerAt(key, 2 * i + 1, 2 * pixels + 1) - pixels),
    }),
    apply: (examples, draw) => withInputs(examples, shift(examples.inputs, blank('randomShift', examples.inputs), examples.inputShape, draw)),
    applyToMasks: ({ shape, values }, draw) => ({ shape, values: shift(values, values instanceof Uint8Array ? new Uint8Array(values.length) : new Int32Array(values.length), shape, draw) }),
  };
});
