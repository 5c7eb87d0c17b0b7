import type { Weight } from '@gradstream/numerics';
import type { Activation } from '../activations.ts';
import { pair, type Extent } from '../images.ts';
import type { BuiltLayer } from '../model.ts';
import type { KerasGraph } from './graph.ts';

/** A layer on its way into the file. */
export interface Saving {
  readonly graph: KerasGraph;
  readonly built: BuiltLayer;
  /** Its options, defaults filled in. */
  readonly options: Readonly<Record<string, never>>;
  /** Name of the layer before it. */
  readonly from: string;
  /** A weight by local name, undefined where the layer has none. */
  weight(local: string): Weight | undefined;
  /** Saves the layers inside and returns the last one's name. */
  inner(from: string): string;
}

/** Adds the stock layers that predict what a layer predicts, and returns the name of the last. */
export type Saver = (saving: Saving) => string;

const initializer = { class_name: 'Zeros', config: {} };
const noInit = { kernel_initializer: initializer, bias_initializer: initializer };

/** Adds a layer with an activation, which for `leakyRelu` is a layer of its own. */
function activated({ graph, built, from }: Saving, className: string, activation: Activation, config: object, weights: Record<string, Weight | undefined>): string {
  if (activation !== 'leakyRelu') return graph.add(built.name, className, from, { ...noInit, ...config, activation }, weights);
  const linear = graph.add(built.name, className, from, { ...noInit, ...config, activation: 'linear' }, weights);
  return graph.add(`${built.name}/leaky`, 'LeakyReLU', linear, { alpha: 0.01 });
}

const saveDense: Saver = (saving) => {
  const [kernel, bias] = [saving.weight('kernel')!, saving.weight('bias')];
  return activated(saving, 'Dense', saving.options.activation ?? 'linear', { units: kernel.shape[1], use_bias: bias !== undefined }, { kernel, bias });
};

const saveConv2d: Saver = (saving) => {
  const { filters, size, stride, padding, activation } = saving.options as unknown as { filters: number; size: Extent; stride: Extent; padding: string; activation: Activation };
  const [kernel, bias] = [saving.weight('kernel'), saving.weight('bias')];
  return activated(saving, 'Conv2D', activation, { filters, kernel_size: pair(size), strides: pair(stride), padding, data_format: 'channels_last', dilation_rate: [1, 1], use_bias: bias !== undefined }, { kernel, bias });
};

const savePool = (className: string): Saver => ({ graph, built, from, options }) => {
  const { size, stride, padding } = options as unknown as { size: Extent; stride: Extent; padding: string };
  return graph.add(built.name, className, from, { pool_size: pair(size), strides: pair(stride), padding, data_format: 'channels_last' });
};

const saveBatchNorm: Saver = ({ graph, built, from, options, weight }) => {
  const { convention, momentum, eps, affine } = options as unknown as { convention: string; momentum: number | 'cumulative'; eps: number; affine: boolean };
  const kept = momentum === 'cumulative' ? 0.99 : convention === 'keras' ? momentum : 1 - momentum;
  return graph.add(built.name, 'BatchNormalization', from, { axis: -1, momentum: kept, epsilon: eps, center: affine, scale: affine }, {
    gamma: weight('gamma'),
    beta: weight('beta'),
    moving_mean: weight('mean'),
    moving_variance: weight('variance'),
  });
};

const saveResidual: Saver = ({ graph, built, from, weight, inner }) => {
  const branch = inner(from);
  const kernel = weight('projection');
  if (!kernel) return graph.add(built.name, 'Add', [from, branch], {});
  const [filters, stride] = [kernel.shape.at(-1), built.inputShape.slice(0, 2).map((extent, axis) => Math.round(extent / built.outputShape[axis]))];
  const shared = { ...noInit, use_bias: false, activation: 'linear' };
  const projected =
    kernel.shape.length === 2
      ? graph.add(`${built.name}/projection`, 'Dense', from, { ...shared, units: filters }, { kernel })
      : graph.add(`${built.name}/projection`, 'Conv2D', from, { ...shared, filters, kernel_size: [1, 1], strides: stride, padding: 'same', data_format: 'channels_last', dilation_rate: [1, 1] }, { kernel });
  return graph.add(built.name, 'Add', [projected, branch], {});
};

/** How each kind of layer is written with stock layers. */
export const savers: Readonly<Record<string, Saver>> = {
  dense: saveDense,
  conv2d: saveConv2d,
  maxPool: savePool('MaxPooling2D'),
  averagePool: savePool('AveragePooling2D'),
  globalAveragePool: ({ graph, built, from }) => graph.add(built.name, built.inputShape.length === 2 ? 'GlobalAveragePooling1D' : 'GlobalAveragePooling2D', from, built.inputShape.length === 2 ? {} : { data_format: 'channels_last' }),
  flatten: ({ graph, built, from }) => graph.add(built.name, 'Flatten', from, {}),
  activation: ({ graph, built, from, options }) =>
    (options.of as Activation) === 'leakyRelu' ? graph.add(built.name, 'LeakyReLU', from, { alpha: 0.01 }) : graph.add(built.name, 'Activation', from, { activation: options.of }),
  dropout: ({ graph, built, from, options }) => graph.add(built.name, 'Dropout', from, { rate: options.rate }),
  batchNorm: saveBatchNorm,
  residual: saveResidual,
};
