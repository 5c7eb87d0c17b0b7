import * as tf from '@tensorflow/tfjs-core';
import { factory, type TargetValues } from '@gradstream/numerics';
import type { Accumulator, Metric } from '../metric.ts';
import { rowsOf, targetRows } from '../rows.ts';
import { rowsIn } from './predictions.ts';

/** Visits each output with its target, in order; classes count as one-hot rows. */
function pairs(where: string, outputs: Float32Array, targets: TargetValues, visit: (output: number, target: number, column: number) => void): number {
  const { count, width } = rowsIn(where, outputs, targets);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < width; k++) visit(outputs[i * width + k], targets.kind === 'classes' ? Number(targets.values[i] === k) : targets.values[i * width + k], k);
  }
  return count * width;
}

function meanOf(name: string, error: (difference: number) => number): Accumulator {
  let total = 0;
  let seen = 0;
  return {
    add: (outputs, { targets }) => void (seen += pairs(name, outputs, targets, (output, target) => void (total += error(output - target)))),
    result: () => ({ [name]: total / seen }),
  };
}

/** Mean squared error over all numbers. */
export const mse = factory<object, Metric>('mse', {}, () => ({
  name: 'mse',
  step: ({ outputs, targets }) => tf.tidy(() => tf.mean(tf.squaredDifference(rowsOf(outputs), targetRows('mse', rowsOf(outputs), targets)))),
  accumulator: () => meanOf('mse', (d) => d * d),
}));

/** Mean absolute error over all numbers. */
export const mae = factory<object, Metric>('mae', {}, () => ({
  name: 'mae',
  step: ({ outputs, targets }) => tf.tidy(() => tf.mean(tf.abs(tf.sub(rowsOf(outputs), targetRows('mae', rowsOf(outputs), targets))))),
  accumulator: () => meanOf('mae', Math.abs),
}));

/**
 * Coefficient of determination: 1 − Σ (target − output)² / Σ (target − mean)², exact over the split, the mean over columns.
 * A column of equal targets counts 1 when every output is right, else 0.
 */
export const rSquared = factory<object, Metric>('rSquared', {}, () => ({
  name: 'rSquared',
  accumulator: () => {
    const columns: { count: number; mean: number; spread: number; error: number }[] = [];
    return {
      add: (outputs, { targets }) =>
        void pairs('rSquared', outputs, targets, (output, target, k) => {
          const column = (columns[k] ??= { count: 0, mean: 0, spread: 0, error: 0 });
          const from = target - column.mean;
          column.mean += from / ++column.count;
          column.spread += from * (target - column.mean);
          column.error += (target - output) ** 2;
        }),
      result: () => ({ rSquared: columns.map(({ spread, error }) => (spread > 0 ? 1 - error / spread : Number(error === 0))).reduce((sum, r) => sum + r, 0) / columns.length }),
    };
  },
}));
