import * as tf from '@tensorflow/tfjs-core';
import { boolean, positiveInteger } from '@gradstream/numerics';
import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { extent, imageShape, padding, pair, windowed, type Extent, type Padding } from '../images.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';

export interface DepthwiseConv2dOptions {
  /** Height and width of the kernels. */
  readonly size: Extent;
  /** The same in both directions. Default 1. */
  readonly stride?: number;
  /** Default `same`. */
  readonly padding?: Padding;
  /** Kernels for each channel. Default 1. */
  readonly multiplier?: number;
  /** Default `linear`. */
  readonly activation?: Activation;
  /** Default true. */
  readonly bias?: boolean;
  /** Default `glorotUniform`; biases start at 0. */
  readonly kernelInit?: InitializerName;
}

/** A convolution of each channel with kernels of its own, [height, width, channels, multiplier]; a `conv2d` of size 1 behind it mixes the channels. */
export const depthwiseConv2d = defineLayer<DepthwiseConv2dOptions>({
  kind: 'depthwiseConv2d',
  prefix: 'depthwise',
  options: { size: extent, stride: positiveInteger, padding, multiplier: positiveInteger, activation: activationName, bias: boolean, kernelInit: initializer },
  defaults: { stride: 1, padding: 'same', multiplier: 1, activation: 'linear', bias: true, kernelInit: 'glorotUniform' },
  outputShape: ({ size, stride, padding, multiplier }, inputShape) => [...windowed(inputShape, size, stride, padding), imageShape(inputShape)[2] * multiplier],

  params: ({ size, multiplier, bias, kernelInit }, inputShape) => {
    const channels = imageShape(inputShape)[2];
    const [height, width] = pair(size);
    const fan = { in: height * width, out: height * width * multiplier };
    return [
      { name: 'kernel', shape: [height, width, channels, multiplier], role: 'kernel', init: initializers[kernelInit], fan },
      ...(bias ? [{ name: 'bias', shape: [channels * multiplier], role: 'bias', init: initializers.zeros, fan } as const] : []),
    ];
  },

  apply: ({ stride, padding, activation }, x, { kernel, bias }) => {
    const maps = tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, padding);
    return activations[activation](bias ? tf.add(maps, bias) : maps);
  },
});
