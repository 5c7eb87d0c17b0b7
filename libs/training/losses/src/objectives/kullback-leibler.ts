import * as tf from '@tensorflow/tfjs-core';
import { factory } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { rowsOf, targetRows } from '../rows.ts';

/**
 * Kullback and Leibler's divergence of the model from the targets: mean over rows of Σ_k t_k · (log t_k − log softmax(logits)_k).
 * Cross-entropy less the entropy of the targets: the same gradient, 0 at its best.
 */
export const kullbackLeibler = factory<object, Objective<'classes' | 'probabilities'>>('kullbackLeibler', {}, () => ({
  name: 'kullbackLeibler',
  accepts: ['classes', 'probabilities'],
  link: 'softmax',
  loss: (outputs, targets) => tf.tidy(() => {
    const logits = rowsOf(outputs);
    const t = targetRows('kullbackLeibler', logits, targets);
    return tf.div(tf.sum(tf.mul(t, tf.sub(tf.log(tf.maximum(t, 1e-30)), tf.logSoftmax(logits)))), logits.shape[0]);
  }),
}));
