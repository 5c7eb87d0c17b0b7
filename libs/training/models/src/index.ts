// Building and applying
export { apply } from './apply.ts';
export { build } from './build.ts';
export { initialize } from './initialize.ts';
// Models
export { models } from './models/index.ts';
export { cnn, cnnSmall, type CnnOptions, type CnnSmallOptions } from './models/cnn.ts';
export { linear, randomFeatures, type LinearOptions, type RandomFeaturesOptions } from './models/linear.ts';
export { mlp, type MlpOptions } from './models/mlp.ts';
export { resnet, type ResnetOptions } from './models/resnet.ts';
export { sequential, type SequentialOptions } from './models/sequential.ts';
export { startFrom } from './models/start-from.ts';
export { transformer, type TransformerOptions } from './models/transformer.ts';
// Layers with weights
export { layers } from './layers/index.ts';
export { attention, type AttentionOptions } from './layers/attention.ts';
export { conv1d, type Conv1dOptions } from './layers/conv1d.ts';
export { conv2d, type Conv2dOptions } from './layers/conv2d.ts';
export { dense, type DenseOptions } from './layers/dense.ts';
export { depthwiseConv2d, type DepthwiseConv2dOptions } from './layers/depthwise-conv2d.ts';
export { embedding, positionEmbedding, type EmbeddingOptions, type PositionEmbeddingOptions } from './layers/embedding.ts';
export { randomProjection, type RandomProjectionOptions } from './layers/random-projection.ts';
export { standardizedConv2d, standardizeKernel, type StandardizedConv2dOptions } from './layers/weight-standardization.ts';
// Layers without
export { activation, type ActivationOptions } from './layers/activation.ts';
export { flatten } from './layers/flatten.ts';
export { averagePool, globalAveragePool, maxPool, type PoolOptions } from './layers/pool.ts';
export { residual, type ResidualOptions } from './layers/residual.ts';
// Normalization
export { batchNorm, type BatchNormOptions } from './layers/batch-norm.ts';
export { groupNorm, instanceNorm, layerNorm, rmsNorm, type GroupNormOptions, type NormOptions, type RmsNormOptions } from './layers/norms.ts';
// Stochastic regularizers, and what they do with a given draw
export { alphaDropout, alphaDropoutScale, dropToAlpha, SELU_FLOOR, type AlphaDropoutOptions } from './layers/alpha-dropout.ts';
export { dropConnect, type DropConnectOptions } from './layers/drop-connect.ts';
export { dropout, spatialDropout, type DropoutOptions } from './layers/dropout.ts';
export { addGaussian, gaussianDropout, gaussianNoise, multiplyGaussian, type GaussianDropoutOptions, type GaussianNoiseOptions } from './layers/gaussian.ts';
export { stochasticDepth, stochasticDepthRates, type StochasticDepthOptions } from './layers/stochastic-depth.ts';
export { dropElements, keeps, keepScales } from './masks.ts';
// Parts of layers
export { activations, type Activation } from './activations.ts';
export { initializers, type InitializerName } from './initializers.ts';
export type { Extent, Padding } from './images.ts';
// TensorFlow.js's own format
export { fromLayersModel, fromLayersModelArtifacts, type LayersModelLike, type LoadedModel } from './tfjs-format/load.ts';
export { layersModelFiles, toLayersModelArtifacts } from './tfjs-format/save.ts';
// Layers of one's own
export { defineLayer, definitionOf, type LayerKind, type Named } from './define.ts';
// Contracts
export type { ApplyContext, Initializer, Layer, LayerDefinition, LayerParam } from './layer.ts';
export type { Apply, Build, BuiltLayer, BuiltModel, BuiltParam, Initialize, Model } from './model.ts';
