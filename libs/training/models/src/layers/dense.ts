import * as tf from '@tensorflow/tfjs-core';
import { boolean, InputError, positiveInteger } from '@gradstream/numerics';
import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';
import type { LayerParam } from '../layer.ts';

export interface DenseOptions {
  /** Outputs. */
  readonly units: number;
  /** Default `linear`. */
  readonly activation?: Activation;
  /** Default true. */
  readonly bias?: boolean;
  /** Default `glorotUniform`; biases start at 0. */
  readonly kernelInit?: InitializerName;
}

/** activation(x · kernel + bias) on the last axis: [..., inputs] to [..., units], kernel [inputs, units]. */
export const dense = defineLayer<DenseOptions>({
  kind: 'dense',
  options: { units: positiveInteger, activation: activationName, bias: boolean, kernelInit: initializer },
  defaults: { activation: 'linear', bias: true, kernelInit: 'glorotUniform' },
  outputShape: ({ units }, inputShape) => {
    if (inputShape.length === 0) throw new InputError('expects at least one axis, received single numbers');
    if (inputShape.length === 3) throw new InputError(`expects [inputs] or [positions, inputs], received [${inputShape}]; flatten() before it`);
    return [...inputShape.slice(0, -1), units];
  },
  params: ({ units, bias, kernelInit }, inputShape) => denseParams(inputShape.at(-1)!, units, bias, kernelInit),
  apply: ({ units, activation }, x, { kernel, bias }) => activations[activation](affine(x, kernel, bias, units)),
});

export function denseParams(inputs: number, units: number, bias: boolean, kernelInit: InitializerName): LayerParam[] {
  const fan = { in: inputs, out: units };
  return [
    { name: 'kernel', shape: [inputs, units], role: 'kernel', init: initializers[kernelInit], fan },
    ...(bias ? [{ name: 'bias', shape: [units], role: 'bias', init: initializers.zeros, fan } as const] : []),
  ];
}

/** x · kernel + bias on the last axis; more axes in front are one long batch. */
export function affine(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined, units: number): tf.Tensor {
  const rows = x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [-1, x.shape.at(-1)!] as [number, number]);
  const product = tf.matMul(rows, kernel as tf.Tensor2D);
  const sum = bias ? tf.add(product, bias) : product;
  return x.rank === 2 ? sum : tf.reshape(sum, [...x.shape.slice(0, -1), units]);
}
