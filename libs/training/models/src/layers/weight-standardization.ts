/**
 * Weight standardization: Qiao et al. 2019, https://arxiv.org/abs/1903.10520, equations (7) and (8).
 *
 *   kernel ← (kernel − mean) / √(variance + ε), over all weights of one output channel, variance biased
 */
import * as tf from '@tensorflow/tfjs-core';
import { positive } from '@gradstream/numerics';
import { activations } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { pair, windowed } from '../images.ts';
import { conv2dOptions, conv2dParams, type Conv2dOptions } from './conv2d.ts';
import { standardize } from './norms.ts';

export interface StandardizedConv2dOptions extends Conv2dOptions {
  /** Under the root. Default 1e-5. */
  readonly eps?: number;
}

/** A kernel [..., outputs] with mean 0 and variance 1 in each output. */
export const standardizeKernel = (kernel: tf.Tensor, eps: number): tf.Tensor => standardize(kernel, kernel.shape.slice(0, -1).map((_, axis) => axis), eps);

/** A convolution whose kernel is standardized before it is used; meant to stand before `groupNorm`. */
export const standardizedConv2d = defineLayer<StandardizedConv2dOptions>({
  kind: 'standardizedConv2d',
  prefix: 'conv',
  options: { ...conv2dOptions, eps: positive },
  defaults: { stride: 1, padding: 'same', activation: 'linear', bias: true, kernelInit: 'glorotUniform', eps: 1e-5 },
  outputShape: ({ filters, size, stride, padding }, inputShape) => [...windowed(inputShape, size, stride, padding), filters],
  params: conv2dParams,
  apply: ({ stride, padding, activation, eps }, x, { kernel, bias }) => {
    const maps = tf.conv2d(x as tf.Tensor4D, standardizeKernel(kernel, eps) as tf.Tensor4D, pair(stride), padding);
    return activations[activation](bias ? tf.add(maps, bias) : maps);
  },
});
