/**
 * Binary cross-entropy on logits, one independent question for each output:
 *
 *   loss = mean over all outputs of softplus(x) − t · x, which is −[t log σ(x) + (1 − t) log(1 − σ(x))]
 *
 * Smoothing pulls targets to one half: t ← t (1 − ε) + ε / 2.
 */
import * as tf from '@tensorflow/tfjs-core';
import { factory, positive, unitHalfOpen } from '@gradstream/numerics';
import type { Objective, TargetTensor } from '../objective.ts';
import { rowsOf, targetRows } from '../rows.ts';

export interface SigmoidCrossEntropyOptions {
  /** ε, in [0, 1). Default 0. Evaluations report the loss without it. */
  readonly labelSmoothing?: number;
  /** Weight of targets that are 1, against those that are 0. Default 1. */
  readonly positiveWeight?: number;
}

/** For values in [0, 1] (several may be 1 at once), and for classes as one-hot rows: one against the rest. */
export const sigmoidCrossEntropy = factory<SigmoidCrossEntropyOptions, Objective>(
  'sigmoidCrossEntropy',
  { labelSmoothing: unitHalfOpen, positiveWeight: positive },
  ({ labelSmoothing = 0, positiveWeight = 1 }) => {
    const lossWith = (smoothing: number) => (outputs: tf.Tensor, targets: TargetTensor) => tf.tidy((): tf.Scalar => {
      const logits = rowsOf(outputs);
      const hard = targetRows('sigmoidCrossEntropy', logits, targets);
      const t = smoothing > 0 ? tf.add(tf.mul(hard, 1 - smoothing), smoothing / 2) : hard;
      if (positiveWeight === 1) return tf.mean(tf.sub(tf.softplus(logits), tf.mul(t, logits)));
      return tf.mean(tf.add(tf.mul(tf.mul(t, positiveWeight), tf.softplus(tf.neg(logits))), tf.mul(tf.sub(1, t), tf.softplus(logits))));
    });
    return { name: 'sigmoidCrossEntropy', accepts: ['classes', 'probabilities', 'values'], link: 'sigmoid', loss: lossWith(labelSmoothing), evaluationLoss: lossWith(0) };
  },
);
