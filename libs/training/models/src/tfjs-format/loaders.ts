import { InputError } from '@gradstream/numerics';
import { activations, type Activation } from '../activations.ts';
import type { Extent, Padding } from '../images.ts';
import type { Layer } from '../layer.ts';
import { activation } from '../layers/activation.ts';
import { alphaDropout } from '../layers/alpha-dropout.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { conv1d } from '../layers/conv1d.ts';
import { conv2d } from '../layers/conv2d.ts';
import { dense } from '../layers/dense.ts';
import { depthwiseConv2d } from '../layers/depthwise-conv2d.ts';
import { dropout, spatialDropout } from '../layers/dropout.ts';
import { embedding } from '../layers/embedding.ts';
import { flatten } from '../layers/flatten.ts';
import { gaussianDropout, gaussianNoise } from '../layers/gaussian.ts';
import { layerNorm } from '../layers/norms.ts';
import { averagePool, globalAveragePool, maxPool } from '../layers/pool.ts';

/** The options of a layer as Keras writes them. */
export type KerasConfig = Readonly<Record<string, unknown>>;

/** Our layer for a stock one, and Keras' local name for each of its params; `rank` is of one example of its input. */
export type Loader = (config: KerasConfig, as: string, rank: number) => { readonly layer: Layer; readonly params?: Readonly<Record<string, string>> };

/** The options that stock layers share; refuses those that ours do not have. */
function shared(config: KerasConfig) {
  const { activation: of = 'linear', use_bias: bias = true, padding = 'valid', data_format = 'channels_last', dilation_rate = 1 } = config;
  if (typeof of !== 'string' || !(of in activations)) throw new InputError(`its activation ${JSON.stringify(of)} has no counterpart here`);
  if (data_format !== null && data_format !== 'channels_last') throw new InputError('its channels must stand last');
  if ([dilation_rate].flat().some((rate) => rate !== null && rate !== 1)) throw new InputError('its dilation has no counterpart here');
  return { activation: of as Activation, bias: bias as boolean, padding: padding as Padding };
}

const weighted = (kernel: string, bias: boolean) => ({ kernel, ...(bias ? { bias: 'bias' } : {}) });
/** Whether a normalization, which must be over the last axis, has an affine map behind it. */
function onLastAxis({ axis = -1, center = true, scale = true }: KerasConfig, rank: number): boolean {
  if (center !== scale) throw new InputError('it must have both of center and scale, or neither');
  if ([axis].flat().some((each) => each !== -1 && each !== rank)) throw new InputError('it must normalize the last axis');
  return scale as boolean;
}

const normParams = { gamma: 'gamma', beta: 'beta' };

const pool = (make: typeof maxPool): Loader => (config, as) => {
  const { padding } = shared(config);
  const size = config.pool_size as Extent;
  return { layer: make({ size, stride: (config.strides as Extent | null) ?? size, padding, as }) };
};

/** Stock layers by class name. */
export const loaders: Readonly<Record<string, Loader>> = {
  Dense: (config, as) => {
    const { activation, bias } = shared(config);
    return { layer: dense({ units: config.units as number, activation, bias, as }), params: weighted('kernel', bias) };
  },
  Conv1D: (config, as) => {
    const { activation, bias, padding } = shared(config);
    return { layer: conv1d({ filters: config.filters as number, size: first(config.kernel_size), stride: first(config.strides), padding, activation, bias, as }), params: weighted('kernel', bias) };
  },
  Conv2D: (config, as) => {
    const { activation, bias, padding } = shared(config);
    return { layer: conv2d({ filters: config.filters as number, size: config.kernel_size as Extent, stride: config.strides as Extent, padding, activation, bias, as }), params: weighted('kernel', bias) };
  },
  DepthwiseConv2D: (config, as) => {
    const { activation, bias, padding } = shared(config);
    const options = { size: config.kernel_size as Extent, stride: first(config.strides), padding, multiplier: config.depth_multiplier as number, activation, bias, as };
    return { layer: depthwiseConv2d(options), params: weighted('depthwise_kernel', bias) };
  },
  MaxPooling2D: pool(maxPool),
  AveragePooling2D: pool(averagePool),
  GlobalAveragePooling1D: (_, as) => ({ layer: globalAveragePool({ as }) }),
  GlobalAveragePooling2D: (config, as) => ({ layer: (shared(config), globalAveragePool({ as })) }),
  Flatten: (_, as) => ({ layer: flatten({ as }) }),
  Activation: (config, as) => ({ layer: activation({ of: shared(config).activation, as }) }),
  ReLU: ({ max_value = null }, as) => {
    if (max_value !== null) throw new InputError('its largest value has no counterpart here');
    return { layer: activation({ of: 'relu', as }) };
  },
  LeakyReLU: ({ alpha = 0.3 }, as) => {
    if (alpha !== 0.01) throw new InputError(`its slope ${String(alpha)} has no counterpart here; leakyRelu has 0.01`);
    return { layer: activation({ of: 'leakyRelu', as }) };
  },
  Dropout: ({ rate }, as) => ({ layer: dropout({ rate: rate as number, as }) }),
  SpatialDropout1D: ({ rate }, as) => ({ layer: spatialDropout({ rate: rate as number, as }) }),
  AlphaDropout: ({ rate }, as) => ({ layer: alphaDropout({ rate: rate as number, as }) }),
  GaussianDropout: ({ rate }, as) => ({ layer: gaussianDropout({ rate: rate as number, as }) }),
  GaussianNoise: ({ stddev }, as) => ({ layer: gaussianNoise({ stddev: stddev as number, as }) }),
  BatchNormalization: (config, as, rank) => {
    const affine = onLastAxis(config, rank);
    const layer = batchNorm({ convention: 'keras', momentum: config.momentum as number, eps: config.epsilon as number, affine, as });
    return { layer, params: { ...(affine && normParams), mean: 'moving_mean', variance: 'moving_variance' } };
  },
  LayerNormalization: (config, as, rank) => {
    const affine = onLastAxis(config, rank);
    return { layer: layerNorm({ eps: config.epsilon as number, affine, as }), params: { ...(affine && normParams) } };
  },
  Embedding: ({ input_dim, output_dim, mask_zero }, as) => {
    if (mask_zero) throw new InputError('its mask has no counterpart here');
    return { layer: embedding({ vocabulary: input_dim as number, units: output_dim as number, as }), params: { table: 'embeddings' } };
  },
};

const first = (extent: unknown): number => [extent].flat()[0] as number;
