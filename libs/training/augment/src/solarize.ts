import { unitClosed } from '@gradstream/numerics';
import type { Image } from './image.ts';
import { mapAllTones, toning, type ToneOptions } from './tone.ts';

export interface SolarizeOptions extends ToneOptions {
  /** Lowest threshold; drawn evenly from [threshold, 1]. Default 0.5. */
  readonly threshold?: number;
}

/** Inverts values at or above a threshold in [0, 1]. */
export const solarize = (from: Image, to: Image, threshold: number): void => mapAllTones(from, to, (v) => (v >= threshold ? 1 - v : v));

/** Turns the light parts of images into their negative. */
export const randomSolarize = toning<SolarizeOptions>('randomSolarize', { threshold: unitClosed }, ({ threshold = 0.5 }) => [threshold, 1], solarize);
