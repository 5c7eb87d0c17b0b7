import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';

/** Any shape to [elements], in row-major order (for images: rows, columns, channels). */
export const flatten = defineLayer<object>({
  kind: 'flatten',
  options: {},
  defaults: {},
  outputShape: (_, inputShape) => [sizeOf(inputShape)],
  params: () => [],
  apply: (_, x) => tf.reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]),
});
