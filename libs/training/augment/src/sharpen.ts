import { nonNegative } from '@gradstream/numerics';
import { whiteOf, type Image } from './image.ts';
import { toning, type AmountOptions } from './tone.ts';

/**
 * The distance from a smoothed image times a factor (PIL's `ImageEnhance.Sharpness`): 0 is smooth, 1 leaves the image as it is.
 * Smooth = the 3x3 mean in which the middle weighs 5 of 13; border pixels stay as they are.
 */
export function sharpen({ height, width, channels, values }: Image, { values: out }: Image, factor: number): void {
  const white = whiteOf(values);
  const half = white === 255 ? 0.5 : 0;
  const row = width * channels;
  out.set(values);
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels, end = (y + 1) * row - channels; i < end; i++) {
      const around = values[i - row - channels] + values[i - row] + values[i - row + channels] + values[i - channels] + values[i + channels] + values[i + row - channels] + values[i + row] + values[i + row + channels];
      const smooth = (around + 5 * values[i]) / 13;
      out[i] = Math.min(white, Math.max(0, smooth + factor * (values[i] - smooth))) + half;
    }
  }
}

/** Sharpens images by a factor drawn from [1, 1 + amount]; amount 1 unless given. */
export const randomSharpen = toning<AmountOptions>('randomSharpen', { amount: nonNegative }, ({ amount = 1 }) => [1, 1 + amount], sharpen);
