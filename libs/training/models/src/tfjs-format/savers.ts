import { sizeOf, type Weight } from '@gradstream/numerics';
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

/** Stock Conv1D knows no causal padding: there the sequence is a column of pixels, padded at its start. */
const saveConv1d: Saver = (saving) => {
  const { graph, built, from } = saving;
  const { filters, size, stride, padding, activation } = saving.options as unknown as { filters: number; size: number; stride: number; padding: string; activation: Activation };
  const [kernel, bias] = [saving.weight('kernel')!, saving.weight('bias')];
  const shared = { filters, data_format: 'channels_last', use_bias: bias !== undefined };
  if (padding !== 'causal') return activated(saving, 'Conv1D', activation, { ...shared, kernel_size: [size], strides: [stride], padding, dilation_rate: [1] }, { kernel, bias });
  const column = graph.reshape(`${built.name}/column`, from, [built.inputShape[0], 1, built.inputShape[1]]);
  const padded = graph.add(`${built.name}/padded`, 'ZeroPadding2D', column, { padding: [[size - 1, 0], [0, 0]], data_format: 'channels_last' });
  const maps = activated({ ...saving, from: padded }, 'Conv2D', activation, { ...shared, kernel_size: [size, 1], strides: [stride, 1], padding: 'valid', dilation_rate: [1, 1] }, { kernel: { ...kernel, shape: [size, 1, kernel.shape[1], filters] }, bias });
  return graph.reshape(`${built.name}/sequence`, maps, built.outputShape);
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

/** Layers that do nothing outside of training. */
const passOn: Saver = ({ from }) => from;

/** Normalizes groups of channels by a layer normalization over each group's own row, then scales channels. */
const saveGroups = ({ graph, built, from, options, weight }: Saving, groups: number): string => {
  const channels = built.inputShape.at(-1)!;
  const places = sizeOf(built.inputShape) / channels;
  const name = (part: string) => `${built.name}/${part}`;
  const split = graph.reshape(name('split'), from, [places, groups, channels / groups]);
  const together = graph.add(name('together'), 'Permute', split, { dims: [2, 1, 3] });
  const rows = graph.reshape(name('rows'), together, [groups, (places * channels) / groups]);
  const normal = graph.add(name('normal'), 'LayerNormalization', rows, { axis: -1, epsilon: options.eps, center: false, scale: false });
  const apart = graph.add(name('apart'), 'Permute', graph.reshape(name('back'), normal, [groups, places, channels / groups]), { dims: [2, 1, 3] });
  const whole = graph.reshape(name('whole'), apart, built.inputShape);
  const [gamma, beta] = [weight('gamma'), weight('beta')];
  return gamma ? graph.affine(built.name, whole, gamma.values, beta!.values) : whole;
};

/** Beside its own negative a row has mean 0 and its mean square as variance: a layer normalization of both divides by the RMS. */
const saveRmsNorm: Saver = ({ graph, built, from, options, weight }) => {
  const { values: gamma } = weight('gamma')!;
  const channels = gamma.length;
  const negative = graph.affine(`${built.name}/negative`, from, new Float32Array(channels).fill(-1), new Float32Array(channels));
  const both = graph.add(`${built.name}/both`, 'Concatenate', [from, negative], { axis: -1 });
  const normal = graph.add(`${built.name}/normal`, 'LayerNormalization', both, { axis: -1, epsilon: options.eps, center: false, scale: false });
  const half = Float32Array.from({ length: 2 * channels * channels }, (_, i) => (Math.floor(i / channels) === i % channels ? gamma[i % channels] : 0));
  return graph.add(built.name, 'Dense', normal, { ...noInit, units: channels, activation: 'linear', use_bias: false }, { kernel: { shape: [2 * channels, channels], values: half } });
};

/** Attention head by head: three dense layers, two products, and an affine map that scales the scores and masks the future. */
const saveAttention: Saver = ({ graph, built, from, options, weight }) => {
  const [positions, channels] = built.inputShape;
  const { heads, causal } = options as unknown as { heads: number; causal: boolean };
  const size = channels / heads;
  const [kernel, bias] = [weight('kernel')!.values, weight('bias')!.values];
  const dense = (name: string, first: number) =>
    graph.add(name, 'Dense', from, { ...noInit, units: size, activation: 'linear', use_bias: true }, {
      kernel: { shape: [channels, size], values: Float32Array.from({ length: channels * size }, (_, i) => kernel[Math.floor(i / size) * 3 * channels + first + (i % size)]) },
      bias: { shape: [size], values: bias.slice(first, first + size) },
    });
  const scale = new Float32Array(positions * positions).fill(1 / Math.sqrt(size));
  const mask = Float32Array.from({ length: positions * positions }, (_, i) => (causal && i % positions > Math.floor(i / positions) ? -1e9 : 0));

  const outputs = Array.from({ length: heads }, (_, head) => {
    const name = (part: string) => `${built.name}/head${head + 1}/${part}`;
    const [query, key, value] = ['query', 'key', 'value'].map((part, third) => dense(name(part), third * channels + head * size));
    const scores = graph.reshape(name('flat'), graph.add(name('scores'), 'Dot', [query, key], { axes: [2, 2], normalize: false }), [positions * positions]);
    const masked = graph.reshape(name('square'), graph.affine(name('mask'), scores, scale, mask), [positions, positions]);
    const weights = graph.add(name('weights'), 'Activation', masked, { activation: 'softmax' });
    return graph.add(name('seen'), 'Dot', [weights, value], { axes: [2, 1], normalize: false });
  });
  const all = heads === 1 ? outputs[0] : graph.add(`${built.name}/heads`, 'Concatenate', outputs, { axis: -1 });
  return graph.add(built.name, 'Dense', all, { ...noInit, units: channels, activation: 'linear', use_bias: true }, { kernel: weight('output/kernel'), bias: weight('output/bias') });
};

/** A kernel [..., outputs] as `standardizedConv2d` uses it. */
function standardized({ shape, values }: Weight, eps: number): Weight {
  const outputs = shape.at(-1)!;
  const count = values.length / outputs;
  const result = new Float32Array(values.length);
  for (let k = 0; k < outputs; k++) {
    const column = Array.from({ length: count }, (_, i) => values[i * outputs + k]);
    const mean = column.reduce((sum, w) => sum + w, 0) / count;
    const variance = column.reduce((sum, w) => sum + (w - mean) ** 2, 0) / count;
    column.forEach((w, i) => (result[i * outputs + k] = (w - mean) / Math.sqrt(variance + eps)));
  }
  return { shape, values: result };
}

/** How each kind of layer is written with stock layers. */
export const savers: Readonly<Record<string, Saver>> = {
  dense: saveDense,
  conv2d: saveConv2d,
  maxPool: savePool('MaxPooling2D'),
  averagePool: savePool('AveragePooling2D'),
  globalAveragePool: ({ graph, built, from }) => graph.add(built.name, built.inputShape.length === 2 ? 'GlobalAveragePooling1D' : 'GlobalAveragePooling2D', from, built.inputShape.length === 2 ? {} : { data_format: 'channels_last' }),
  flatten: ({ graph, built, from }) => (built.inputShape.length === 1 ? from : graph.add(built.name, 'Flatten', from, {})),
  activation: ({ graph, built, from, options }) =>
    (options.of as Activation) === 'leakyRelu' ? graph.add(built.name, 'LeakyReLU', from, { alpha: 0.01 }) : graph.add(built.name, 'Activation', from, { activation: options.of }),
  dropout: ({ graph, built, from, options }) => graph.add(built.name, 'Dropout', from, { rate: options.rate }),
  batchNorm: saveBatchNorm,
  residual: saveResidual,
  conv1d: saveConv1d,
  depthwiseConv2d: (saving) => {
    const { size, stride, padding, multiplier, activation } = saving.options as unknown as { size: Extent; stride: number; padding: string; multiplier: number; activation: Activation };
    const [depthwise_kernel, bias] = [saving.weight('kernel'), saving.weight('bias')];
    return activated(saving, 'DepthwiseConv2D', activation, { kernel_size: pair(size), strides: [stride, stride], padding, depth_multiplier: multiplier, data_format: 'channels_last', use_bias: bias !== undefined, depthwise_initializer: initializer }, { depthwise_kernel, bias });
  },
  standardizedConv2d: (saving) => saveConv2d({ ...saving, weight: (local) => (local === 'kernel' ? standardized(saving.weight('kernel')!, saving.options.eps) : saving.weight(local)) }),
  randomProjection: saveDense,
  dropConnect: saveDense,
  embedding: ({ graph, built, from, weight }) => {
    const embeddings = weight('table')!;
    return graph.add(built.name, 'Embedding', from, { input_dim: embeddings.shape[0], output_dim: embeddings.shape[1], embeddings_initializer: initializer, mask_zero: false, input_length: built.inputShape[0] }, { embeddings });
  },
  positionEmbedding: ({ graph, built, from, weight }) => {
    const { shape, values } = weight('table')!;
    const flat = graph.reshape(`${built.name}/flat`, from, [values.length]);
    return graph.reshape(built.name, graph.affine(`${built.name}/add`, flat, new Float32Array(values.length).fill(1), values), shape);
  },
  attention: saveAttention,
  layerNorm: ({ graph, built, from, options, weight }) =>
    graph.add(built.name, 'LayerNormalization', from, { axis: -1, epsilon: options.eps, center: options.affine, scale: options.affine }, { gamma: weight('gamma'), beta: weight('beta') }),
  groupNorm: (saving) => saveGroups(saving, saving.options.groups),
  instanceNorm: (saving) => saveGroups(saving, saving.built.inputShape.at(-1)!),
  rmsNorm: saveRmsNorm,
  spatialDropout: passOn,
  alphaDropout: ({ graph, built, from, options }) => graph.add(built.name, 'AlphaDropout', from, { rate: options.rate }),
  gaussianDropout: ({ graph, built, from, options }) => graph.add(built.name, 'GaussianDropout', from, { rate: options.rate }),
  gaussianNoise: ({ graph, built, from, options }) => graph.add(built.name, 'GaussianNoise', from, { stddev: options.stddev }),
  stochasticDepth: passOn,
};
