/**
 * Orthogonality of the columns (weights into one output each) of W, or of its rows:
 *
 *   frobenius:  amount · ‖Wᵀ W − I‖²_F                                   Bansal et al. 2018, https://arxiv.org/abs/1810.09102, equation (1)
 *   cosine:     amount · mean over pairs of columns of |cos(angle)|      Keras' OrthogonalRegularizer; leaves norms alone
 */
import * as tf from '@tensorflow/tfjs-core';
import { oneOf } from '@gradstream/numerics';
import { asMatrix } from '../matrix.ts';
import { absolute } from './l1.ts';
import { penalty, type PenaltyOptions } from './penalty.ts';

export interface OrthogonalOptions extends PenaltyOptions {
  /** Default `frobenius`. */
  readonly measure?: 'frobenius' | 'cosine';
  /** Which vectors. More of them than they have numbers cannot be orthogonal. Default `columns`. */
  readonly of?: 'columns' | 'rows';
}

/** How far the columns of a weight are from orthogonal. */
export const orthogonal = penalty<OrthogonalOptions>(
  'orthogonal',
  { measure: oneOf('frobenius', 'cosine'), of: oneOf('columns', 'rows') },
  ({ measure = 'frobenius', of = 'columns' }) => (w) => {
    const matrix = asMatrix(w);
    const vectors = of === 'columns' ? tf.transpose(matrix) : matrix;
    const count = vectors.shape[0];
    if (measure === 'frobenius') return tf.sum(tf.square(tf.sub(tf.matMul(vectors, vectors, false, true), tf.eye(count))));
    const units = tf.mul(vectors, tf.rsqrt(tf.maximum(tf.sum(tf.square(vectors), 1, true), 1e-12)));
    const cosines = tf.mul(tf.matMul(units, units, false, true), tf.sub(1, tf.eye(count)));
    return tf.div(tf.sum(absolute(cosines)), Math.max(1, count * (count - 1)));
  },
);
