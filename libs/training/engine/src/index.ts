// Backends
export { currentBackend, useBackend } from './backend.ts';
export type { Backend, BackendChoice, BackendOptions } from './backend.ts';
// The step
export { compile, compileRules } from './compile.ts';
export type { CompileOptions, EngineChoice } from './compile.ts';
export type { Lap, Readback, StepDescription, StepOutcome, StepPart, Trainer, TrainerState } from './trainer.ts';
export { evaluator, recomputeNorms } from './evaluator.ts';
export type { Evaluator } from './evaluator.ts';
export { predict } from './predict.ts';
export { lossGradient } from './plan/loss-gradient.ts';
export type { LossGradient } from './plan/loss-gradient.ts';
export { feedInputs, feedTargets, unitFromBytes } from './feed.ts';
// What there is here
export { availability } from './layers.ts';
export type { Availability } from './layers.ts';
export { selfCheck } from './self-check/self-check.ts';
export type { KernelCheck, SelfCheckOptions } from './self-check/self-check.ts';
// Layers on their own
export { fusedExecutor } from './updates/arena-executor.ts';
export { tfOptimizer } from './tf-optimizer.ts';
export { heapExecutor } from './updates/heap-executor.ts';
export { webglUpdates } from './webgl/webgl-executor.ts';
export type { WebglUpdates } from './webgl/webgl-executor.ts';
export { nativeBlas } from './native/blas.ts';
export type { NativeBlas, NativeGemm } from './native/blas.ts';
