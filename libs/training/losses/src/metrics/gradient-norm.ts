import * as tf from '@tensorflow/tfjs-core';
import { factory } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';

const norm = (tensors: readonly tf.Tensor[]): tf.Scalar => tf.tidy(() => tf.sqrt(tf.addN([tf.scalar(0), ...tensors.map((t) => tf.sum(tf.square(t)) as tf.Scalar)])));

/** L2 norm of all gradients together, before the optimizer changes them. */
export const gradientNorm = factory<object, Metric>('gradientNorm', {}, () => ({
  name: 'gradientNorm',
  plain: true,
  step: ({ gradients }) => norm(Object.values(gradients)),
}));

/** L2 norm of all weights that have gradients and more than one axis (kernels and embeddings), after the step. */
export const weightNorm = factory<object, Metric>('weightNorm', {}, () => ({
  name: 'weightNorm',
  plain: true,
  step: ({ gradients, params }) => norm(Object.keys(gradients).map((name) => params[name]).filter(({ rank }) => rank > 1)),
}));
