// Binding
export { bind } from './bind.ts';
export type { BoundOptimizer, Named, OptimizerState, UpdateInput } from './bound.ts';
// Making transformations
export { chain, elementwise, isTransformation, masked, partition, tensorwise, wrapper } from './transformation.ts';
export type { Chain, Elementwise, Masked, Partition, Scope, SlotStart, TensorView, Tensorwise, Transformation, Wrapper, WrapperView } from './transformation.ts';
export type { Mask } from './mask.ts';
export type { ArrayOps, View3 } from './arrays.ts';
// Optimizers
export { adam, scaleByAdam } from './optimizers/adam.ts';
export type { AdamOptions } from './optimizers/adam.ts';
export { adamw } from './optimizers/adamw.ts';
export type { AdamWOptions } from './optimizers/adamw.ts';
export { amsgrad, scaleByAmsgrad } from './optimizers/amsgrad.ts';
export type { AmsgradOptions } from './optimizers/amsgrad.ts';
export { momentum, scaleByMomentum } from './optimizers/momentum.ts';
export type { MomentumOptions } from './optimizers/momentum.ts';
export { nesterov, scaleByNesterov } from './optimizers/nesterov.ts';
export type { NesterovOptions } from './optimizers/nesterov.ts';
export { sgd } from './optimizers/sgd.ts';
// Transformations
export { addDecayedWeights } from './transformations/add-decayed-weights.ts';
export type { DecayedWeightsOptions } from './transformations/add-decayed-weights.ts';
export { clipByGlobalNorm } from './transformations/clip-by-global-norm.ts';
export type { ClipByGlobalNormOptions } from './transformations/clip-by-global-norm.ts';
export { scaleByLearningRate } from './transformations/scale-by-learning-rate.ts';
export type { LearningRateOptions } from './transformations/scale-by-learning-rate.ts';
// Schedules
export { constant } from './schedules/constant.ts';
export { cosine } from './schedules/cosine.ts';
export { warmupCosine } from './schedules/warmup-cosine.ts';
// Documents
export { optimizerRegistries, optimizers, schedules, transformations } from './registry.ts';
// For executors of other libs
export { kernelExecutor } from './executor.ts';
export type { Executor, LinkState, Segment, SegmentInput } from './executor.ts';
export { fuse, programOf } from './fuse.ts';
export type { ParamClass } from './fuse.ts';
export { place } from './place.ts';
export type { Placed, Stage } from './place.ts';
