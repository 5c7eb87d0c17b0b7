// Building and applying
export { apply } from './apply.ts';
export { build } from './build.ts';
export { initialize } from './initialize.ts';
// Models
export { models } from './models/index.ts';
export { cnn, cnnSmall, type CnnOptions, type CnnSmallOptions } from './models/cnn.ts';
export { mlp, type MlpOptions } from './models/mlp.ts';
export { sequential, type SequentialOptions } from './models/sequential.ts';
// Layers
export { layers } from './layers/index.ts';
export { activation, type ActivationOptions } from './layers/activation.ts';
export { batchNorm, type BatchNormOptions } from './layers/batch-norm.ts';
export { conv2d, type Conv2dOptions } from './layers/conv2d.ts';
export { dense, type DenseOptions } from './layers/dense.ts';
export { dropout, type DropoutOptions } from './layers/dropout.ts';
export { flatten } from './layers/flatten.ts';
export { averagePool, globalAveragePool, maxPool, type PoolOptions } from './layers/pool.ts';
export { residual, type ResidualOptions } from './layers/residual.ts';
// Parts of layers
export { activations, type Activation } from './activations.ts';
export { initializers, type InitializerName } from './initializers.ts';
export { keepScales } from './masks.ts';
export type { Extent, Padding } from './images.ts';
// TensorFlow.js's own format
export { layersModelFiles, toLayersModelArtifacts } from './tfjs-format/save.ts';
// Layers of one's own
export { defineLayer, definitionOf, type LayerKind, type Named } from './define.ts';
// Contracts
export type { ApplyContext, Initializer, Layer, LayerDefinition, LayerParam } from './layer.ts';
export type { Apply, Build, BuiltLayer, BuiltModel, BuiltParam, Initialize, Model } from './model.ts';
