import * as tf from '@tensorflow/tfjs-core';
import { factory } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { rowsOf, targetRows } from '../rows.ts';

/** (output − target)², mean over all numbers of the batch (torch's `mean`). Classes count as one-hot rows. */
export const meanSquaredError = factory<object, Objective>('meanSquaredError', {}, () => ({
  name: 'meanSquaredError',
  accepts: ['classes', 'probabilities', 'values'],
  link: 'identity',
  loss: (outputs, targets) => tf.tidy(() => {
    const predicted = rowsOf(outputs);
    return tf.mean(tf.squaredDifference(predicted, targetRows('meanSquaredError', predicted, targets)));
  }),
}));
