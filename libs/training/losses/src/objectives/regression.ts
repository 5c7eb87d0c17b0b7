/**
 * Losses of the differences d = output − target, means over all numbers of the batch (torch's `mean`):
 *
 *   meanSquaredError   d²
 *   meanAbsoluteError  |d|, derivative 0 at 0
 *   huber              d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2)                Huber 1964
 *   smoothL1           huber with δ = β, divided by β                            Girshick 2015, https://arxiv.org/abs/1504.08083
 *   logCosh            log cosh d, computed as d + softplus(−2 d) − log 2
 *
 * Classes count as one-hot rows.
 */
import * as tf from '@tensorflow/tfjs-core';
import { factory, positive, type OptionTable } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { rowsOf, targetRows } from '../rows.ts';

/** An objective from what it does to each difference. */
const ofDifferences = <O extends object>(name: string, rules: OptionTable<O>, term: (options: O) => (difference: tf.Tensor) => tf.Tensor) =>
  factory<O, Objective>(name, rules, (options) => {
    const of = term(options);
    return {
      name,
      accepts: ['classes', 'probabilities', 'values'],
      link: 'identity',
      loss: (outputs, targets) => tf.tidy(() => {
        const predicted = rowsOf(outputs);
        return tf.mean(of(tf.sub(predicted, targetRows(name, predicted, targets))));
      }),
    };
  });

/** |d| with derivative 0 at 0, where that of `tf.abs` is −1. */
const absolute = (d: tf.Tensor) => tf.add(tf.relu(d), tf.relu(tf.neg(d)));

/** min(|d|, δ) makes both branches one formula: m (|d| − m / 2). */
const huberTerm = (delta: number) => (d: tf.Tensor) => {
  const size = absolute(d);
  const near = tf.minimum(size, delta);
  return tf.mul(near, tf.sub(size, tf.mul(near, 0.5)));
};

export const meanSquaredError = ofDifferences<object>('meanSquaredError', {}, () => (d) => tf.square(d));

export const meanAbsoluteError = ofDifferences<object>('meanAbsoluteError', {}, () => absolute);

export interface HuberOptions {
  /** δ: from here on the loss is linear, in units of the targets. Default 1. */
  readonly delta?: number;
}

export const huber = ofDifferences<HuberOptions>('huber', { delta: positive }, ({ delta = 1 }) => huberTerm(delta));

export interface SmoothL1Options {
  /** β: from here on the slope is 1, in units of the targets. Default 1. */
  readonly beta?: number;
}

export const smoothL1 = ofDifferences<SmoothL1Options>('smoothL1', { beta: positive }, ({ beta = 1 }) => (d) => tf.div(huberTerm(beta)(d), beta));

export const logCosh = ofDifferences<object>('logCosh', {}, () => (d) => tf.sub(tf.add(d, tf.softplus(tf.mul(d, -2))), Math.LN2));
