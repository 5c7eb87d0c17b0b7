/**
 * Normalizations that look at one example alone: the same in training and in evaluation, with any batch size.
 *
 *   y = γ · (x − mean) / √(variance + ε) + β
 *
 *   layerNorm:     over the last axis of each place               Ba et al. 2016, https://arxiv.org/abs/1607.06450
 *   groupNorm:     over all places and the channels of a group    Wu and He 2018, https://arxiv.org/abs/1803.08494
 *   instanceNorm:  over all places of one channel                 Ulyanov et al. 2016, https://arxiv.org/abs/1607.08022
 *   rmsNorm:       y = γ · x / √(mean(x²) + ε), last axis         Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * Variances are biased (divided by n), ε stands under the root, γ and β are one for each channel.
 */
import * as tf from '@tensorflow/tfjs-core';
import { boolean, InputError, positive, positiveInteger } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { initializers } from '../initializers.ts';
import type { LayerParam } from '../layer.ts';

export interface NormOptions {
  /** Under the root. Default 1e-5. */
  readonly eps?: number;
  /** Whether γ and β are learned. Default true. */
  readonly affine?: boolean;
}

const options = { eps: positive, affine: boolean };
const defaults = { eps: 1e-5, affine: true };

const gain = (channels: number): LayerParam => ({ name: 'gamma', shape: [channels], role: 'norm', init: initializers.ones, fan: { in: 1, out: 1 } });
const shift = (channels: number): LayerParam => ({ name: 'beta', shape: [channels], role: 'norm', init: initializers.zeros, fan: { in: 1, out: 1 } });
const params = ({ affine }: Required<NormOptions>, inputShape: readonly number[]) => (affine ? [gain(inputShape.at(-1)!), shift(inputShape.at(-1)!)] : []);

/** Mean 0 and variance 1 over some axes. */
export function standardize(x: tf.Tensor, axes: number[], eps: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, eps)));
}

const scaled = (x: tf.Tensor, { gamma, beta }: Readonly<Record<string, tf.Tensor>>) => (gamma ? tf.add(tf.mul(x, gamma), beta) : x);

/** Axes between the batch and the channels. */
const places = (x: tf.Tensor) => x.shape.slice(1, -1).map((_, axis) => axis + 1);

export const layerNorm = defineLayer<NormOptions>({
  kind: 'layerNorm',
  options,
  defaults,
  outputShape: (_, inputShape) => inputShape,
  params,
  apply: ({ eps }, x, params) => scaled(standardize(x, [x.rank - 1], eps), params),
});

export const instanceNorm = defineLayer<NormOptions>({
  kind: 'instanceNorm',
  options,
  defaults,
  outputShape: (_, inputShape) => {
    if (inputShape.length < 2) throw new InputError(`expects places and channels, received [${inputShape}]; a single place has no variance`);
    return inputShape;
  },
  params,
  apply: ({ eps }, x, params) => scaled(standardize(x, places(x), eps), params),
});

export interface GroupNormOptions extends NormOptions {
  /** Groups of neighbouring channels; divides their number. */
  readonly groups: number;
}

export const groupNorm = defineLayer<GroupNormOptions>({
  kind: 'groupNorm',
  options: { groups: positiveInteger, ...options },
  defaults,
  outputShape: ({ groups }, inputShape) => {
    if (inputShape.at(-1)! % groups !== 0) throw new InputError(`its ${groups} groups must divide the ${inputShape.at(-1)} channels of [${inputShape}]`);
    return inputShape;
  },
  params,
  apply: ({ groups, eps }, x, params) => {
    const [batch, channels] = [x.shape[0], x.shape.at(-1)!];
    const grouped = tf.reshape(x, [batch, -1, groups, channels / groups]);
    return scaled(tf.reshape(standardize(grouped, [1, 3], eps), x.shape), params);
  },
});

export interface RmsNormOptions {
  /** Under the root. Default 1e-5. */
  readonly eps?: number;
}

export const rmsNorm = defineLayer<RmsNormOptions>({
  kind: 'rmsNorm',
  options: { eps: positive },
  defaults: { eps: 1e-5 },
  outputShape: (_, inputShape) => inputShape,
  params: (_, inputShape) => [gain(inputShape.at(-1)!)],
  apply: ({ eps }, x, { gamma }) => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps))), gamma),
});
