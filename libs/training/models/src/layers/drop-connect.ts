/**
 * DropConnect: Wan et al. 2013, "Regularization of Neural Networks using DropConnect", Algorithm 1.
 *
 *   training: y = activation(x · (kernel ⊙ m / (1 − rate)) + bias)       evaluation: a dense layer
 *
 * Weights are dropped, where dropout drops units. One mask serves the whole batch (the paper draws one for each example,
 * at the cost of one kernel for each), and evaluation uses the mean weights (the paper fits a Gaussian to the pre-activations).
 */
import { boolean, positiveInteger, unitClosed } from '@gradstream/numerics';
import { activationName, activations } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { initializer } from '../initializers.ts';
import { dropRandomly } from '../masks.ts';
import { affine, denseParams, type DenseOptions } from './dense.ts';

export interface DropConnectOptions extends DenseOptions {
  /** Share of weights dropped, in [0, 1]. */
  readonly rate: number;
}

/** A dense layer that loses other weights in each step. */
export const dropConnect = defineLayer<DropConnectOptions>({
  kind: 'dropConnect',
  options: { units: positiveInteger, rate: unitClosed, activation: activationName, bias: boolean, kernelInit: initializer },
  defaults: { activation: 'linear', bias: true, kernelInit: 'glorotUniform' },
  outputShape: ({ units }, inputShape) => [...inputShape.slice(0, -1), units],
  params: ({ units, bias, kernelInit }, inputShape) => denseParams(inputShape.at(-1)!, units, bias, kernelInit),
  apply: ({ units, rate, activation }, x, { kernel, bias }, { training, key }) =>
    activations[activation](affine(x, training ? dropRandomly(kernel, key, kernel.shape, rate) : kernel, bias, units)),
});
