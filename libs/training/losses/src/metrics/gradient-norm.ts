import * as tf from '@tensorflow/tfjs-core';
import { factory } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';

/** L2 norm of all gradients together, before the optimizer changes them. */
export const gradientNorm = factory<object, Metric>('gradientNorm', {}, () => ({
  name: 'gradientNorm',
  plain: true,
  step: ({ gradients }) => tf.tidy(() => tf.sqrt(tf.addN([tf.scalar(0), ...Object.values(gradients).map((g) => tf.sum(tf.square(g)) as tf.Scalar)]))),
}));
