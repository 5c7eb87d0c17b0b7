import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, uniforms, type Key } from '@gradstream/numerics';

/**
 * Which of `size` elements are kept: 0 where uniform i of the key is below `rate` (compared in float64), else 1.
 * Every backend and every planned step that draws this mask for this key trains the same model.
 */
export function keeps(key: Key, size: number, rate: number): Float32Array {
  const mask = uniforms(key, size);
  for (let i = 0; i < size; i++) mask[i] = mask[i] < rate ? 0 : 1;
  return mask;
}

/** What is kept grows by this, so that means stay: 1 / (1 − rate), and 0 where nothing is kept. */
export const inverted = (rate: number): number => (rate < 1 ? 1 / (1 - rate) : 0);

/** The mask of inverted dropout as plain numbers: `keeps` times `inverted`. */
export function keepScales(key: Key, size: number, rate: number): Float32Array {
  const mask = keeps(key, size, rate);
  const scale = inverted(rate);
  for (let i = 0; i < size; i++) mask[i] *= scale;
  return mask;
}

/**
 * x · keep / (1 − rate).
 *
 * @param keep 0 or 1 for each element of `shape`, which broadcasts over x
 */
export const dropElements = (x: tf.Tensor, keep: Float32Array, shape: number[], rate: number): tf.Tensor =>
  tf.mul(x, tf.tensor(keep.map((k) => k * inverted(rate)), shape));

/** Draws a mask of some shape and drops by it. */
export const dropRandomly = (x: tf.Tensor, key: Key, shape: number[], rate: number): tf.Tensor => (rate === 0 ? x : dropElements(x, keeps(key, sizeOf(shape), rate), shape, rate));
