/**
 * Focal loss: Lin et al. 2017, https://arxiv.org/abs/1708.02002, equations (4) and (5): examples that are already right count less.
 *
 *   softmaxFocal:  mean over rows of Σ_k t_k · (1 − p_k)^γ · (−log p_k)
 *   sigmoidFocal:  mean over outputs of α_t · (1 − p_t)^γ · (−log p_t)       α_t = α where t is 1, else 1 − α
 */
import * as tf from '@tensorflow/tfjs-core';
import { factory, nonNegative, unitClosed } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { rowsOf, targetRows } from '../rows.ts';

export interface SoftmaxFocalOptions {
  /** γ; 0 is cross-entropy. Default 2. */
  readonly gamma?: number;
}

/** For classes and distributions over classes. */
export const softmaxFocal = factory<SoftmaxFocalOptions, Objective<'classes' | 'probabilities'>>('softmaxFocal', { gamma: nonNegative }, ({ gamma = 2 }) => ({
  name: 'softmaxFocal',
  accepts: ['classes', 'probabilities'],
  link: 'softmax',
  loss: (outputs, targets) => tf.tidy(() => {
    const logits = rowsOf(outputs);
    const logP = tf.logSoftmax(logits);
    const hardness = tf.pow(tf.maximum(tf.sub(1, tf.exp(logP)), 1e-7), gamma);
    return tf.neg(tf.div(tf.sum(tf.mul(targetRows('softmaxFocal', logits, targets), tf.mul(hardness, logP))), logits.shape[0])) as tf.Scalar;
  }),
}));

export interface SigmoidFocalOptions {
  /** γ; 0 is weighted cross-entropy. Default 2. */
  readonly gamma?: number;
  /** α: weight of targets that are 1, in [0, 1]. Default 0.25, the paper's. */
  readonly alpha?: number;
}

/** For values in [0, 1] and for classes as one-hot rows. */
export const sigmoidFocal = factory<SigmoidFocalOptions, Objective>('sigmoidFocal', { gamma: nonNegative, alpha: unitClosed }, ({ gamma = 2, alpha = 0.25 }) => ({
  name: 'sigmoidFocal',
  accepts: ['classes', 'probabilities', 'values'],
  link: 'sigmoid',
  loss: (outputs, targets) => tf.tidy(() => {
    const x = rowsOf(outputs);
    const t = targetRows('sigmoidFocal', x, targets);
    // −log σ(x) and −log(1 − σ(x)); the powers of probabilities are exponentials of these.
    const [yes, no] = [tf.softplus(tf.neg(x)), tf.softplus(x)];
    const positive = tf.mul(tf.mul(t, alpha), tf.mul(tf.exp(tf.mul(no, -gamma)), yes));
    const negative = tf.mul(tf.mul(tf.sub(1, t), 1 - alpha), tf.mul(tf.exp(tf.mul(yes, -gamma)), no));
    return tf.mean(tf.add(positive, negative));
  }),
}));
