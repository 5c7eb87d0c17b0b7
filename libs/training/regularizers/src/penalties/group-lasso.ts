/**
 * Group lasso: Yuan and Lin 2006, equation (2.1).
 *
 *   amount · Σ over groups of √(size of the group) · ‖group‖₂
 *
 * Whole groups go towards zero together: `rows` are all weights of one input, `columns` all weights into one output.
 */
import * as tf from '@tensorflow/tfjs-core';
import { oneOf } from '@gradstream/numerics';
import { asMatrix } from '../matrix.ts';
import { penalty, type PenaltyOptions } from './penalty.ts';

export interface GroupLassoOptions extends PenaltyOptions {
  /** Default `rows`. */
  readonly groups?: 'rows' | 'columns';
}

/** The norms of groups of weights. */
export const groupLasso = penalty<GroupLassoOptions>('groupLasso', { groups: oneOf('rows', 'columns') }, ({ groups = 'rows' }) => (w) => {
  const matrix = asMatrix(w);
  const axis = groups === 'rows' ? 1 : 0;
  // The floor keeps the gradient of a group of zeros at 0.
  return tf.mul(Math.sqrt(matrix.shape[axis]), tf.sum(tf.sqrt(tf.maximum(tf.sum(tf.square(matrix), axis), 1e-30))));
});
