/**
 * L2 penalty (ridge, Tikhonov; Krogh and Hertz 1991), in two conventions:
 *
 *   torch:  amount / 2 · Σ w²      gradient amount · w: what torch calls weight_decay
 *   keras:  amount · Σ w²          gradient 2 · amount · w: Keras' and TensorFlow.js's l2
 *
 * With adaptive optimizers (Adam) its gradient is scaled like any other and it is not weight decay;
 * `addDecayedWeights` (AdamW) is.
 */
import * as tf from '@tensorflow/tfjs-core';
import { oneOf } from '@gradstream/numerics';
import { penalty, type PenaltyOptions } from './penalty.ts';

export interface L2Options extends PenaltyOptions {
  /** Which factor. Default `torch`. */
  readonly convention?: 'torch' | 'keras';
}

/** Half the sum of squares, times the amount: `l2(1e-4)`. */
export const l2 = penalty<L2Options>('l2', { convention: oneOf('torch', 'keras') }, ({ convention = 'torch' }) => (w) => squares(w, convention));

/** Σ w², or half of it. */
export const squares = (w: tf.Tensor, convention: 'torch' | 'keras'): tf.Tensor => tf.mul(convention === 'torch' ? 0.5 : 1, tf.sum(tf.square(w)));
