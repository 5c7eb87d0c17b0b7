/**
 * Alpha dropout: Klambauer et al. 2017, https://arxiv.org/abs/1706.02515, section 3 and appendix A4.
 *
 *   y = a · (x · m + α′ · (1 − m)) + b        α′ = −λα        a = ((1 − rate)(1 + rate · α′²))^−½        b = −a · rate · α′
 *
 * Dropped units take SELU's lowest value instead of 0, and a, b restore mean 0 and variance 1: dropout for `selu`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { unitHalfOpen } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { keeps } from '../masks.ts';

export interface AlphaDropoutOptions {
  /** Share dropped, in [0, 1). */
  readonly rate: number;
}

/** −λα of SELU. */
export const SELU_FLOOR = -1.0507009873554805 * 1.6732632423543772;

/** The affine map that restores mean and variance. */
export function alphaDropoutScale(rate: number): { readonly a: number; readonly b: number } {
  const a = ((1 - rate) * (1 + rate * SELU_FLOOR ** 2)) ** -0.5;
  return { a, b: -a * rate * SELU_FLOOR };
}

/**
 * Drops by a given mask.
 *
 * @param keep 0 or 1 for each element of x
 */
export function dropToAlpha(x: tf.Tensor, keep: Float32Array, rate: number): tf.Tensor {
  const { a, b } = alphaDropoutScale(rate);
  return tf.add(tf.mul(x, tf.tensor(keep.map((k) => a * k), x.shape)), tf.tensor(keep.map((k) => a * SELU_FLOOR * (1 - k) + b), x.shape));
}

export const alphaDropout = defineLayer<AlphaDropoutOptions>({
  kind: 'alphaDropout',
  options: { rate: unitHalfOpen },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training && rate > 0 ? dropToAlpha(x, keeps(key, x.size, rate), rate) : x),
});
