// Backends
export { currentBackend, useBackend } from './backend.ts';
export type { Backend, BackendChoice, BackendOptions } from './backend.ts';
// The step
export { compile, compileRules } from './engine.ts';
export type { CompileOptions, EngineChoice, Readback, StepDescription, StepOutcome, Trainer, TrainerState } from './engine.ts';
export { predict } from './predict.ts';
export { feedInputs, feedTargets, unitFromBytes } from './feed.ts';
