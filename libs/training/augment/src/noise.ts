import { factory, nonNegative, normals, uniforms, unitClosed } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, whiteOf, type ImageDraws } from './image.ts';

export interface GaussianNoiseOptions {
  /** Standard deviation, where white is 1. Default 0.05. */
  readonly deviation?: number;
  /** Share of the images that are changed. Default 1. */
  readonly probability?: number;
}

/** Adds normal noise to each value; what leaves [0, 1] is cut off. For tables and series, which know no white, see `jitter`. */
export const gaussianNoise = factory<GaussianNoiseOptions, Augmentation<ImageDraws<Float32Array>, 'same'>>('gaussianNoise', { deviation: nonNegative, probability: unitClosed }, ({ deviation = 0.05, probability = 1 }) =>
  perImage<Float32Array>('gaussianNoise', probability, {
    draw: (key, { height, width, channels }) => normals(key, height * width * channels),
    paint: ({ values }, to, noise) => {
      const white = whiteOf(values);
      const half = white === 255 ? 0.5 : 0;
      for (let i = 0; i < values.length; i++) to.values[i] = Math.min(white, Math.max(0, values[i] + white * deviation * noise[i])) + half;
    },
    masks: 'stays',
  }));

export interface SaltAndPepperOptions {
  /** Share of the pixels that become black or white, half each. Default 0.02. */
  readonly share?: number;
  /** Share of the images that are changed. Default 1. */
  readonly probability?: number;
}

/** Turns single pixels black or white, all channels together. */
export const saltAndPepper = factory<SaltAndPepperOptions, Augmentation<ImageDraws<Float32Array>, 'same'>>('saltAndPepper', { share: unitClosed, probability: unitClosed }, ({ share = 0.02, probability = 1 }) =>
  perImage<Float32Array>('saltAndPepper', probability, {
    draw: (key, { height, width }) => uniforms(key, height * width),
    paint: ({ values, channels }, to, drawn) => {
      const white = whiteOf(values);
      to.values.set(values);
      drawn.forEach((u, p) => {
        if (u < share) to.values.fill(u < share / 2 ? 0 : white, p * channels, (p + 1) * channels);
      });
    },
    masks: 'stays',
  }));
