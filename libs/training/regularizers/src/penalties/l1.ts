/**
 * L1 penalty (lasso; Tibshirani 1996): amount · Σ |w|, gradient amount · sign(w), 0 at 0.
 *
 * Gradient steps shrink weights towards 0 and overshoot it; exact zeros come from the proximal step, `proximalL1`.
 */
import * as tf from '@tensorflow/tfjs-core';
import { penalty, type PenaltyOptions } from './penalty.ts';

/** Σ |w|, times the amount: `l1(1e-5)`. */
export const l1 = penalty<PenaltyOptions>('l1', {}, () => (w) => tf.sum(absolute(w)));

/** |w| with derivative 0 at 0, where that of `tf.abs` is −1. */
export const absolute = (w: tf.Tensor): tf.Tensor => tf.add(tf.relu(w), tf.relu(tf.neg(w)));
