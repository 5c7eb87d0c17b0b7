import * as tf from '@tensorflow/tfjs-core';
import { boolean, positiveInteger, type OptionTable } from '@gradstream/numerics';
import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { extent, imageShape, padding, pair, windowed, type Extent, type Padding } from '../images.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';
import type { LayerParam } from '../layer.ts';

export interface Conv2dOptions {
  /** Channels that come out. */
  readonly filters: number;
  /** Height and width of the kernel. */
  readonly size: Extent;
  /** Default 1. */
  readonly stride?: Extent;
  /** `same` pads with zeros so that the output is ceil(size / stride), more at the end than at the start; `valid` does not pad. Default `same`. */
  readonly padding?: Padding;
  /** Default `linear`. */
  readonly activation?: Activation;
  /** Default true. */
  readonly bias?: boolean;
  /** Default `glorotUniform`; biases start at 0. */
  readonly kernelInit?: InitializerName;
}

export const conv2dOptions: OptionTable<Conv2dOptions> = {
  filters: positiveInteger,
  size: extent,
  stride: extent,
  padding,
  activation: activationName,
  bias: boolean,
  kernelInit: initializer,
};

/** Cross-correlation of images [height, width, channels] with a kernel [height, width, channels, filters]. */
export const conv2d = defineLayer<Conv2dOptions>({
  kind: 'conv2d',
  prefix: 'conv',
  options: conv2dOptions,
  defaults: { stride: 1, padding: 'same', activation: 'linear', bias: true, kernelInit: 'glorotUniform' },
  outputShape: ({ filters, size, stride, padding }, inputShape) => [...windowed(inputShape, size, stride, padding), filters],
  params: conv2dParams,
  apply: ({ stride, padding, activation }, x, { kernel, bias }) => {
    const maps = tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, pair(stride), padding);
    return activations[activation](bias ? tf.add(maps, bias) : maps);
  },
});

export function conv2dParams({ filters, size, bias, kernelInit }: Required<Conv2dOptions>, inputShape: readonly number[]): LayerParam[] {
  const channels = imageShape(inputShape)[2];
  const [height, width] = pair(size);
  const fan = { in: height * width * channels, out: height * width * filters };
  return [
    { name: 'kernel', shape: [height, width, channels, filters], role: 'kernel', init: initializers[kernelInit], fan },
    ...(bias ? [{ name: 'bias', shape: [filters], role: 'bias', init: initializers.zeros, fan } as const] : []),
  ];
}
