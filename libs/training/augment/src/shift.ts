import { factory, integerAt, oneOf, wholeNumber } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type Image, type ImageDraws } from './image.ts';

export interface ShiftOptions {
  /** Furthest shift in each direction, in whole pixels. Default 2. */
  readonly pixels?: number;
  /** What comes in from outside: zeros, or the border pixel. Default `zero`. */
  readonly border?: 'zero' | 'edge';
}

/** Pixels by which an image moves, right and down. */
export interface ShiftDraw {
  readonly dx: number;
  readonly dy: number;
}

/** Moves images by whole pixels, drawn evenly from −pixels … pixels in each direction. */
export const randomShift = factory<ShiftOptions, Augmentation<ImageDraws<ShiftDraw>, 'same'>>('randomShift', { pixels: wholeNumber, border: oneOf('zero', 'edge') }, ({ pixels = 2, border = 'zero' }) => {
  const paint = (from: Image, to: Image, { dx, dy }: ShiftDraw): void => window(from, to, -dx, -dy, border);
  return perImage('randomShift', 1, {
    draw: (key) => ({ dx: integerAt(key, 0, 2 * pixels + 1) - pixels, dy: integerAt(key, 1, 2 * pixels + 1) - pixels }),
    paint,
    masks: paint,
  });
});

/** Fills `to` with the window of `from` whose upper left corner is (left, top), in whole pixels, outside allowed. */
export function window(from: Image, to: Image, left: number, top: number, border: 'zero' | 'edge'): void {
  const { channels } = from;
  const row = from.width * channels;
  const begin = Math.min(to.width, Math.max(0, -left));
  const end = Math.max(begin, Math.min(to.width, from.width - left));
  for (let y = 0; y < to.height; y++) {
    const source = y + top;
    if (border === 'zero' && !(source >= 0 && source < from.height)) continue;
    const i = Math.min(from.height - 1, Math.max(0, source)) * row;
    const o = y * to.width * channels;
    if (end > begin) to.values.set(from.values.subarray(i + (begin + left) * channels, i + (end + left) * channels), o + begin * channels);
    if (border === 'zero') continue;
    const inside = end > begin;
    for (let x = 0; x < (inside ? begin : to.width); x++) {
      const edge = i + (inside || left < 0 ? 0 : row - channels);
      to.values.set(from.values.subarray(edge, edge + channels), o + x * channels);
    }
    for (let x = inside ? end : to.width; x < to.width; x++) to.values.set(from.values.subarray(i + row - channels, i + row), o + x * channels);
  }
}
