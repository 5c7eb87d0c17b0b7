import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, uniforms, type Key } from '@gradstream/numerics';

/**
 * The mask of inverted dropout, as plain numbers: element i is 0 where uniform i of the key is below `rate`, else 1 / (1 − rate).
 * Every backend and every planned step that draws this mask for this key trains the same model.
 */
export function keepScales(key: Key, size: number, rate: number): Float32Array {
  const mask = uniforms(key, size);
  const scale = rate < 1 ? 1 / (1 - rate) : 0;
  for (let i = 0; i < size; i++) mask[i] = mask[i] < rate ? 0 : scale;
  return mask;
}

/** The same as a tensor. */
export const keepMask = (key: Key, shape: number[], rate: number): tf.Tensor => tf.tensor(keepScales(key, sizeOf(shape), rate), shape);
