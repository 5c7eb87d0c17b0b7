/**
 * Multi-head self-attention: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, sections 3.2.1 and 3.2.2.
 *
 *   heads: softmax(Q Kᵀ / √d + mask) V        d = channels / heads        Q, K, V = three thirds of x · kernel + bias
 *   y = heads side by side · output kernel + output bias
 */
import * as tf from '@tensorflow/tfjs-core';
import { boolean, InputError, positiveInteger } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';
import { affine } from './dense.ts';

export interface AttentionOptions {
  /** Divides the channels. */
  readonly heads: number;
  /** Whether a position sees only itself and earlier ones. Default false. */
  readonly causal?: boolean;
  /** Default `glorotUniform`; biases start at 0. */
  readonly kernelInit?: InitializerName;
}

/** Positions of a sequence [positions, channels] look at each other. */
export const attention = defineLayer<AttentionOptions>({
  kind: 'attention',
  options: { heads: positiveInteger, causal: boolean, kernelInit: initializer },
  defaults: { causal: false, kernelInit: 'glorotUniform' },

  outputShape: ({ heads }, inputShape) => {
    if (inputShape.length !== 2) throw new InputError(`expects sequences [positions, channels], received [${inputShape}]`);
    if (inputShape[1] % heads !== 0) throw new InputError(`its ${heads} heads must divide the ${inputShape[1]} channels of [${inputShape}]`);
    return inputShape;
  },

  params: ({ kernelInit }, [, channels]) => {
    const fan = { in: channels, out: channels };
    return [
      { name: 'kernel', shape: [channels, 3 * channels], role: 'kernel', init: initializers[kernelInit], fan },
      { name: 'bias', shape: [3 * channels], role: 'bias', init: initializers.zeros, fan },
      { name: 'output/kernel', shape: [channels, channels], role: 'kernel', init: initializers[kernelInit], fan },
      { name: 'output/bias', shape: [channels], role: 'bias', init: initializers.zeros, fan },
    ];
  },

  apply: ({ heads, causal }, x, params) => {
    const [batch, positions, channels] = x.shape;
    const size = channels / heads;
    // Heads in front, [heads, batch, positions, size]: one transposition that wasm does fast, and parts that are contiguous.
    const all = tf.reshape(affine(x, params.kernel, params.bias, 3 * channels), [batch, positions, 3 * heads, size]);
    const [query, key, value] = tf.split(tf.transpose(all, [2, 0, 1, 3]), 3);

    const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(size));
    const weights = tf.softmax(causal ? tf.add(scores, causalMask(positions)) : scores);
    const seen = tf.reshape(tf.transpose(tf.matMul(weights, value), [1, 2, 0, 3]), [batch, positions, channels]);
    return affine(seen, params['output/kernel'], params['output/bias'], channels);
  },
});

/** 0 where a row may look, a number beyond any score elsewhere: [positions, positions]. */
const causalMask = (n: number): tf.Tensor => tf.tensor2d(Float32Array.from({ length: n * n }, (_, i) => (i % n > Math.floor(i / n) ? -1e9 : 0)), [n, n]);
