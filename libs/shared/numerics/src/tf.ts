/**
 * Expressions lowered to TensorFlow.js operations, for any backend. Needs no gradients.
 *
 * Traps that this file steps around: `tf.sign` on wasm is 0 below 1.2e-7, and 0 for NaN; wasm's `maximum` and `minimum`
 * drop a NaN in the second operand; selecting by arithmetic would leak NaN, so selections are `tf.where`.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Algebra } from './expressions/evaluate.ts';

type Operand = tf.Tensor | number;

const scalar = (x: Operand): tf.Tensor => (typeof x === 'number' ? tf.scalar(x, 'float32') : x);
const keepNaN = (result: tf.Tensor, b: Operand): tf.Tensor => (typeof b === 'number' ? result : tf.where(tf.isNaN(b), b, result));

const TEST = { gt: tf.greater, ge: tf.greaterEqual, eq: tf.equal } as const;

/** Tensors, or scalars that wait for sums; call it inside a `tf.tidy`. */
export const tensors: Algebra<tf.Tensor> = {
  unary(op, a) {
    switch (op) {
      case 'sign': return tf.where(tf.greater(a, 0), tf.onesLike(a), tf.where(tf.less(a, 0), tf.neg(tf.onesLike(a)), a));
      case 'fround': return a;
      default: return tf[op](a);
    }
  },
  binary(op, x, y) {
    const a = scalar(x);
    const b = scalar(y);
    switch (op) {
      case 'max': return keepNaN(tf.maximum(a, b), b);
      case 'min': return keepNaN(tf.minimum(a, b), b);
      case 'mod': return tf.sub(a, tf.mul(b, tf.floor(tf.div(a, b))));
      default: return tf[op](a, b);
    }
  },
  where(test, a, b, then, otherwise) {
    const operands = [a, b, then, otherwise].map(scalar);
    // `tf.where` gives one element where scalars meet empty tensors.
    const empty = operands.find(({ size }) => size === 0);
    return empty ? tf.zeros(empty.shape) : tf.where(TEST[test](operands[0], operands[1]), operands[2], operands[3]);
  },
  sum: (a, size) => (typeof a === 'number' ? a * size : tf.sum(a)),
};
