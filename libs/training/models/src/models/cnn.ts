import { boolean, factory, listOf, positiveInteger, unitHalfOpen } from '@gradstream/numerics';
import { activationName, type Activation } from '../activations.ts';
import { activation as activate } from '../layers/activation.ts';
import { batchNorm as normalize } from '../layers/batch-norm.ts';
import { conv2d } from '../layers/conv2d.ts';
import { dense } from '../layers/dense.ts';
import { dropout as drop } from '../layers/dropout.ts';
import { flatten } from '../layers/flatten.ts';
import { maxPool } from '../layers/pool.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';

export interface CnnOptions {
  /** Channels of each convolution; each is followed by a 2 x 2 max pool. Default [8, 16]. */
  readonly filters?: readonly number[];
  /** Height and width of the kernels. Default 5. */
  readonly size?: number;
  /** Units of dense layers before the output. Default none. */
  readonly hidden?: readonly number[];
  /** Default `relu`. */
  readonly activation?: Activation;
  /** Rate of dropout before each dense layer, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** Batch normalization before each activation. Default false. */
  readonly batchNorm?: boolean;
}

/** A small convolutional network after LeNet (LeCun et al. 1998): convolutions with pools, then dense layers. */
export const cnn = factory<CnnOptions, Model>(
  'cnn',
  { filters: listOf(positiveInteger, 1), size: positiveInteger, hidden: listOf(positiveInteger), activation: activationName, dropout: unitHalfOpen, batchNorm: boolean },
  ({ filters = [8, 16], size = 5, hidden = [], activation = 'relu', dropout = 0, batchNorm = false }) => ({
    name: 'cnn',
    layers: (_, width) => [
      ...filters.flatMap((filters, i) => [...activated(conv2d, { filters, size, as: `conv${i + 1}` }, activation, batchNorm), maxPool()]),
      flatten(),
      ...hidden.flatMap((units, i) => [...dropped(dropout), ...activated(dense, { units, as: `hidden${i + 1}` }, activation, batchNorm)]),
      ...dropped(dropout),
      dense({ units: width, as: 'output' }),
    ],
  }),
);

export interface CnnSmallOptions {
  /** Rate of dropout after the flattened maps and after the dense layer, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** Batch normalization before each activation. Default false. */
  readonly batchNorm?: boolean;
}

/** The recipes' network: convolutions 16 of 5 x 5 and 32 of 3 x 3, both of stride 2, a dense layer of 64, ReLU throughout. */
export const cnnSmall = factory<CnnSmallOptions, Model>('cnn-s', { dropout: unitHalfOpen, batchNorm: boolean }, ({ dropout = 0, batchNorm = false }) => ({
  name: 'cnn-s',
  layers: (_, width) => [
    ...activated(conv2d, { filters: 16, size: 5, stride: 2, as: 'conv1' }, 'relu', batchNorm),
    ...activated(conv2d, { filters: 32, size: 3, stride: 2, as: 'conv2' }, 'relu', batchNorm),
    flatten(),
    ...dropped(dropout),
    ...activated(dense, { units: 64, as: 'hidden1' }, 'relu', batchNorm),
    ...dropped(dropout),
    dense({ units: width, as: 'output' }),
  ],
}));

/** A layer with its activation; with a normalization between them the layer's own bias has no effect and is left out. */
function activated<O extends object>(make: (options: O) => Layer, options: Omit<O, 'activation' | 'bias'>, activation: Activation, batchNorm: boolean): Layer[] {
  if (!batchNorm) return [make({ ...options, activation } as unknown as O)];
  return [make({ ...options, bias: false } as unknown as O), normalize(), activate({ of: activation })];
}

const dropped = (rate: number): Layer[] => (rate > 0 ? [drop({ rate })] : []);
