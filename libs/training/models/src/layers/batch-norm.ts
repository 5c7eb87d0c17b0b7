/**
 * Batch normalization: Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167, Algorithms 1 and 2.
 *
 *   training:   y = γ · (x − mean) / √(variance + ε) + β     mean and (biased) variance of each channel over batch and places
 *   evaluation: the same with the running mean and variance
 *
 *   torch:  running ← (1 − momentum) · running + momentum · batch        running variance unbiased (n − 1)
 *   keras:  running ← momentum · running + (1 − momentum) · batch        running variance biased (n)
 *
 * It standardises, it does not make anything Gaussian.
 */
import * as tf from '@tensorflow/tfjs-core';
import { boolean, either, InputError, oneOf, positive, unitClosed } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { initializers } from '../initializers.ts';
import type { LayerParam } from '../layer.ts';

export interface BatchNormOptions {
  /** Whose running statistics; also sets the defaults below. Default `torch`. */
  readonly convention?: 'torch' | 'keras';
  /**
   * Weight of the new batch (`torch`, default 0.1) or of the old statistics (`keras`, default 0.99), in [0, 1];
   * `cumulative`: the mean over all batches so far, each with the same weight.
   */
  readonly momentum?: number | 'cumulative';
  /** Under the root. Default 1e-5 (`torch`) or 1e-3 (`keras`). */
  readonly eps?: number;
  /** Whether γ and β are learned. Default true. */
  readonly affine?: boolean;
}

/** Normalizes each channel (the last axis) over the batch. */
export const batchNorm = defineLayer<BatchNormOptions>({
  kind: 'batchNorm',
  options: { convention: oneOf('torch', 'keras'), momentum: either(unitClosed, oneOf('cumulative')), eps: positive, affine: boolean },
  defaults: ({ convention = 'torch' }) => ({
    convention,
    momentum: convention === 'torch' ? 0.1 : 0.99,
    eps: convention === 'torch' ? 1e-5 : 1e-3,
    affine: true,
  }),
  outputShape: (_, inputShape) => inputShape,

  params: ({ affine, momentum }, inputShape) => {
    const shape = [inputShape.at(-1)!];
    const fan = { in: 1, out: 1 };
    const one = { shape, init: initializers.ones, fan };
    const zero = { shape, init: initializers.zeros, fan };
    return [
      ...(affine ? [{ ...one, name: 'gamma', role: 'norm' }, { ...zero, name: 'beta', role: 'norm' }] : []),
      { ...zero, name: 'mean', role: 'buffer' },
      { ...one, name: 'variance', role: 'buffer' },
      ...(momentum === 'cumulative' ? [{ ...zero, name: 'batches', shape: [1], role: 'buffer' }] : []),
    ] as LayerParam[];
  },

  apply: ({ convention, momentum, eps }, x, params, { training, setBuffer }) => {
    const normalize = (mean: tf.Tensor, variance: tf.Tensor) => {
      const standard = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, eps)));
      return params.gamma ? tf.add(tf.mul(standard, params.gamma), params.beta) : standard;
    };
    if (!training) return normalize(params.mean, params.variance);

    const n = x.size / x.shape.at(-1)!;
    if (n < 2) throw new InputError('a batch of one has no variance to normalize by; train on larger batches (or drop the last short one), or use layerNorm or groupNorm');
    const { mean, variance } = tf.moments(x, x.shape.slice(0, -1).map((_, axis) => axis));

    let fresh: number | tf.Tensor = convention === 'torch' ? (momentum as number) : 1 - (momentum as number);
    if (momentum === 'cumulative') {
      const batches = tf.add(params.batches, 1);
      setBuffer('batches', batches);
      fresh = tf.reciprocal(batches);
    }
    const running = (old: tf.Tensor, now: tf.Tensor) => tf.add(old, tf.mul(tf.sub(now, old), fresh));
    setBuffer('mean', running(params.mean, mean));
    setBuffer('variance', running(params.variance, convention === 'torch' ? tf.mul(variance, n / (n - 1)) : variance));
    return normalize(mean, variance);
  },
});
