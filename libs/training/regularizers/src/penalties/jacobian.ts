/**
 * Jacobian penalty: amount / 2 · mean over the batch of ‖∂outputs/∂inputs‖²_F (Drucker and Le Cun 1992; Hoffman et al. 2019,
 * https://arxiv.org/abs/1908.02729, equation 3).
 *
 * Estimated with random unit directions u of the n inputs: E ‖J u‖² = ‖J‖²_F / n, and J u ≈ (f(x + h u) − f(x)) / h. That needs
 * one more forward pass for each direction and first-order gradients only, so that it works where TensorFlow.js has no
 * gradients of gradients (convolutions, pools, softmax). To first order it is what input noise does on average (Bishop 1995).
 */
import * as tf from '@tensorflow/tfjs-core';
import { factory, fold, normals, positive, positiveInteger } from '@gradstream/numerics';
import { amount, Strength, type Amount } from '../amount.ts';
import type { OutputPenalty } from '../regularizer.ts';
import { shortForm } from '../short-form.ts';

export interface JacobianOptions {
  /** Strength, at least 0. */
  readonly amount: Amount;
  /** Directions drawn for each example and step. Default 1. */
  readonly directions?: number;
  /** Length of the step h, in units of the inputs. Default 0.01. */
  readonly h?: number;
}

/** How strongly outputs (logits) react to inputs: `jacobian(0.01)`. */
export const jacobian = shortForm(
  factory<JacobianOptions, OutputPenalty>(
    'jacobian',
    { amount, directions: positiveInteger, h: positive },
    ({ amount: given, directions = 1, h = 0.01 }) => {
      const strength = new Strength('jacobian', 'amount', given);
      return {
        type: 'outputPenalty',
        name: 'jacobian',
        value: ({ inputs, outputs, forward, key, step }) => tf.tidy(() => {
          const [batch, size] = [inputs.shape[0], inputs.size / inputs.shape[0]];
          const squares = Array.from({ length: directions }, (_, i) => {
            const direction = tf.tensor(unitRows(normals(fold(key, i), inputs.size), size), inputs.shape);
            const change = tf.div(tf.sub(forward(tf.add(inputs, tf.mul(direction, h))), outputs), h);
            return tf.sum(tf.square(change)) as tf.Scalar;
          });
          return tf.mul((strength.at(step) * size) / (2 * batch * directions), tf.addN(squares));
        }),
        ...strength.steered(),
      };
    },
    ['amount'],
  ),
  'amount',
);

/** Divides each row of `size` numbers by its norm. */
function unitRows(values: Float32Array, size: number): Float32Array {
  for (let start = 0; start < values.length; start += size) {
    const row = values.subarray(start, start + size);
    const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
    for (let i = 0; i < size; i++) row[i] /= norm;
  }
  return values;
}
