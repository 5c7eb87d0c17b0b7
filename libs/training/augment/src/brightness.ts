import { nonNegative } from '@gradstream/numerics';
import type { Image } from './image.ts';
import { around, mapAllTones, toning, type AmountOptions } from './tone.ts';

/** Every value times a factor: 0 is black, 1 leaves the image as it is. */
export const brighten = (from: Image, to: Image, factor: number): void => mapAllTones(from, to, (v) => factor * v);

/** Makes images lighter or darker. */
export const randomBrightness = toning<AmountOptions>('randomBrightness', { amount: nonNegative }, around, brighten);
