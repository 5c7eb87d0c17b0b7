import * as tf from '@tensorflow/tfjs-core';
import { boolean, InputError, oneOf, positiveInteger } from '@gradstream/numerics';
import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';

export interface Conv1dOptions {
  /** Channels that come out. */
  readonly filters: number;
  /** Positions that the kernel covers. */
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
  /** `causal` pads at the start only: no output sees a later input. Default `same`. */
  readonly padding?: 'same' | 'valid' | 'causal';
  /** Default `linear`. */
  readonly activation?: Activation;
  /** Default true. */
  readonly bias?: boolean;
  /** Default `glorotUniform`; biases start at 0. */
  readonly kernelInit?: InitializerName;
}

/** Cross-correlation of sequences [positions, channels] with a kernel [size, channels, filters]. */
export const conv1d = defineLayer<Conv1dOptions>({
  kind: 'conv1d',
  prefix: 'conv',
  options: { filters: positiveInteger, size: positiveInteger, stride: positiveInteger, padding: oneOf('same', 'valid', 'causal'), activation: activationName, bias: boolean, kernelInit: initializer },
  defaults: { stride: 1, padding: 'same', activation: 'linear', bias: true, kernelInit: 'glorotUniform' },

  outputShape: ({ filters, size, stride, padding }, inputShape) => {
    if (inputShape.length !== 2) throw new InputError(`expects sequences [positions, channels], received [${inputShape}]`);
    if (padding !== 'valid') return [Math.ceil(inputShape[0] / stride), filters];
    if (size > inputShape[0]) throw new InputError(`its window of ${size} is longer than the sequence of ${inputShape[0]}; use padding 'same' or 'causal'`);
    return [Math.floor((inputShape[0] - size) / stride) + 1, filters];
  },

  params: ({ filters, size, bias, kernelInit }, inputShape) => {
    const fan = { in: size * inputShape[1], out: size * filters };
    return [
      { name: 'kernel', shape: [size, inputShape[1], filters], role: 'kernel', init: initializers[kernelInit], fan },
      ...(bias ? [{ name: 'bias', shape: [filters], role: 'bias', init: initializers.zeros, fan } as const] : []),
    ];
  },

  apply: ({ size, stride, padding, activation }, x, { kernel, bias }) => {
    const columns = tf.expandDims(padding === 'causal' ? tf.pad(x, [[0, 0], [size - 1, 0], [0, 0]]) : x, 2) as tf.Tensor4D;
    const maps = tf.squeeze(tf.conv2d(columns, tf.expandDims(kernel, 1) as tf.Tensor4D, [stride, 1], padding === 'same' ? 'same' : 'valid'), [2]);
    return activations[activation](bias ? tf.add(maps, bias) : maps);
  },
});
