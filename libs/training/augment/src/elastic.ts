/**
 * Elastic deformation: Simard, Steinkraus, Platt 2003, "Best Practices for Convolutional Neural Networks Applied to
 * Visual Document Analysis", section 2: random displacements of each pixel, smoothed by a Gaussian, then scaled.
 */
import { factory, fold, nonNegative, positive, uniforms, type Key } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { blurred, gaussianKernel } from './gaussian.ts';
import { perImage, type Image, type ImageDraws, type ImageShape } from './image.ts';
import { resample, type Coordinates } from './resample.ts';
import { warpRules, type WarpOptions } from './warp.ts';

export interface ElasticOptions extends WarpOptions {
  /** Strength, in pixels, before smoothing takes most of it away. Default 34 (the paper's, for 29x29 digits). */
  readonly alpha?: number;
  /** Deviation of the smoothing, in pixels. Default 4. */
  readonly sigma?: number;
}

/** Bends images smoothly. */
export const elastic = factory<ElasticOptions, Augmentation<ImageDraws<Coordinates>, 'same'>>('elastic', { ...warpRules, alpha: nonNegative, sigma: positive }, ({ alpha = 34, sigma = 4, probability = 1, interpolation, border }) => {
  const kernel = gaussianKernel(sigma);
  const displaced = (key: Key, { height, width }: ImageShape, at: (p: number) => number): Float32Array =>
    blurred(uniforms(key, height * width).map((u) => alpha * (2 * u - 1)), height, width, 1, kernel).map((d, p) => d + at(p));
  const paint = (from: Image, to: Image, places: Coordinates): void => resample(from, to, places, { interpolation, border });
  return perImage<Coordinates>('elastic', probability, {
    draw: (key, shape) => ({ x: displaced(fold(key, 'x'), shape, (p) => p % shape.width), y: displaced(fold(key, 'y'), shape, (p) => Math.floor(p / shape.width)) }),
    paint,
    masks: (from, to, places) => resample(from, to, places, { interpolation: 'nearest', border }),
  });
});
