import { nonNegative } from '@gradstream/numerics';
import type { Image } from './image.ts';
import { around, mapAllTones, meanGrey, toning, type AmountOptions } from './tone.ts';

/** The distance from the mean grey of the image times a factor: 0 is flat grey, 1 leaves the image as it is. */
export function changeContrast(from: Image, to: Image, factor: number): void {
  const mean = meanGrey(from);
  mapAllTones(from, to, (v) => mean + factor * (v - mean));
}

/** Makes images flatter or stronger. */
export const randomContrast = toning<AmountOptions>('randomContrast', { amount: nonNegative }, around, changeContrast);
