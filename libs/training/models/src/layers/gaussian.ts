/**
 * Noise on activations, in training only.
 *
 *   gaussianNoise:    y = x + stddev · z                      additive; on inputs it acts like an L2 penalty on ∂f/∂x (Bishop 1995)
 *   gaussianDropout:  y = x · (1 + √(rate / (1 − rate)) · z)  multiplicative, with dropout's mean and variance (Srivastava et al. 2014, section 10)
 */
import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, unitHalfOpen } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { noise } from '../masks.ts';

export interface GaussianNoiseOptions {
  /** Standard deviation, in the units of the activations. */
  readonly stddev: number;
}

/** Adds normal noise: as a first layer, input noise. */
export const gaussianNoise = defineLayer<GaussianNoiseOptions>({
  kind: 'gaussianNoise',
  options: { stddev: nonNegative },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ stddev }, x, _, { training, key }) => (training && stddev > 0 ? tf.add(x, noise(key, x.shape, stddev)) : x),
});

export interface GaussianDropoutOptions {
  /** The rate of the dropout it imitates, in [0, 1). */
  readonly rate: number;
}

/** Multiplies by normal noise of mean 1. */
export const gaussianDropout = defineLayer<GaussianDropoutOptions>({
  kind: 'gaussianDropout',
  options: { rate: unitHalfOpen },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training && rate > 0 ? tf.mul(x, tf.add(1, noise(key, x.shape, Math.sqrt(rate / (1 - rate))))) : x),
});
