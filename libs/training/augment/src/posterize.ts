import { oneOf } from '@gradstream/numerics';
import type { Image } from './image.ts';
import { byteOf, mapAllTones, toning, type ToneOptions } from './tone.ts';

export interface PosterizeOptions extends ToneOptions {
  /** Fewest bits kept; drawn evenly from bits … 8. Default 4. */
  readonly bits?: number;
}

/** Keeps the highest bits of each value (of its byte, for numbers). */
export function posterize(from: Image, to: Image, bits: number): void {
  const mask = 0xff & ~(2 ** (8 - bits) - 1);
  mapAllTones(from, to, (v) => (byteOf(v) & mask) / 255);
}

/** Takes away shades. */
export const randomPosterize = toning<PosterizeOptions>('randomPosterize', { bits: oneOf(1, 2, 3, 4, 5, 6, 7, 8) }, ({ bits = 4 }) => [bits, 9], (from, to, drawn) => posterize(from, to, Math.floor(drawn)));
