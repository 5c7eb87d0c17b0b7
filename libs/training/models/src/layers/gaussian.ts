/**
 * Noise on activations, in training only.
 *
 *   gaussianNoise:    y = x + stddev · z                      additive; on inputs it acts like an L2 penalty on ∂f/∂x (Bishop 1995)
 *   gaussianDropout:  y = x · (1 + √(rate / (1 − rate)) · z)  multiplicative, with dropout's mean and variance (Srivastava et al. 2014, section 10)
 */
import * as tf from '@tensorflow/tfjs-core';
import { nonNegative, normals, unitHalfOpen } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';

export interface GaussianNoiseOptions {
  /** Standard deviation, in the units of the activations. */
  readonly stddev: number;
}

/** x + stddev · z, z one standard normal number for each element. */
export const addGaussian = (x: tf.Tensor, z: Float32Array, stddev: number): tf.Tensor => tf.add(x, tf.tensor(z.map((each) => stddev * each), x.shape));

/** Adds normal noise: as a first layer, input noise. */
export const gaussianNoise = defineLayer<GaussianNoiseOptions>({
  kind: 'gaussianNoise',
  options: { stddev: nonNegative },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ stddev }, x, _, { training, key }) => (training && stddev > 0 ? addGaussian(x, normals(key, x.size), stddev) : x),
});

export interface GaussianDropoutOptions {
  /** The rate of the dropout it imitates, in [0, 1). */
  readonly rate: number;
}

/** x · (1 + √(rate / (1 − rate)) · z), z one standard normal number for each element. */
export function multiplyGaussian(x: tf.Tensor, z: Float32Array, rate: number): tf.Tensor {
  const stddev = Math.sqrt(rate / (1 - rate));
  return tf.mul(x, tf.tensor(z.map((each) => 1 + stddev * each), x.shape));
}

/** Multiplies by normal noise of mean 1. */
export const gaussianDropout = defineLayer<GaussianDropoutOptions>({
  kind: 'gaussianDropout',
  options: { rate: unitHalfOpen },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training && rate > 0 ? multiplyGaussian(x, normals(key, x.size), rate) : x),
});
