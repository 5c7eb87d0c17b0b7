import { boolean, factory, listOf, positiveInteger, unitHalfOpen } from '@gradstream/numerics';
import { activationName, type Activation } from '../activations.ts';
import { initializer, type InitializerName } from '../initializers.ts';
import { activation as activate } from '../layers/activation.ts';
import { batchNorm as normalize } from '../layers/batch-norm.ts';
import { dense } from '../layers/dense.ts';
import { dropout as drop } from '../layers/dropout.ts';
import { flatten } from '../layers/flatten.ts';
import type { Model } from '../model.ts';

export interface MlpOptions {
  /** Units of each hidden layer; none makes a linear model. */
  readonly hidden: readonly number[];
  /** Of the hidden layers. Default `relu`. */
  readonly activation?: Activation;
  /** Rate of dropout after each hidden layer, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** Batch normalization before each activation. Default false. */
  readonly batchNorm?: boolean;
  /** Default `glorotUniform`. */
  readonly kernelInit?: InitializerName;
}

/** Dense layers `hidden1`, `hidden2`, … and `output`, which is linear and as wide as the targets; images are flattened. */
export const mlp = factory<MlpOptions, Model>(
  'mlp',
  { hidden: listOf(positiveInteger), activation: activationName, dropout: unitHalfOpen, batchNorm: boolean, kernelInit: initializer },
  ({ hidden, activation = 'relu', dropout = 0, batchNorm = false, kernelInit = 'glorotUniform' }) => ({
    name: 'mlp',
    layers: (inputShape, width) => [
      ...(inputShape.length === 1 ? [] : [flatten()]),
      ...hidden.flatMap((units, i) => [
        ...(batchNorm
          ? [dense({ units, bias: false, kernelInit, as: `hidden${i + 1}` }), normalize(), activate({ of: activation })]
          : [dense({ units, activation, kernelInit, as: `hidden${i + 1}` })]),
        ...(dropout > 0 ? [drop({ rate: dropout })] : []),
      ]),
      dense({ units: width, kernelInit, as: 'output' }),
    ],
  }),
  ['hidden'],
);
