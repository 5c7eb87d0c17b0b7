// Stages, in the order of a run
export { batches, stepsOf } from './batches.ts';
export type { BatchesOptions, Maker, MakerFactory, Position } from './batches.ts';
export { prefetch } from './prefetch.ts';
export type { PrefetchOptions } from './prefetch.ts';
export { augment } from './augment.ts';
export type { OutOf } from './augment.ts';
export { forward, Forward } from './forward.ts';
export { loss, Loss } from './loss.ts';
export { optimize } from './optimize.ts';
export type { OptimizeOptions } from './optimize.ts';
export { Step } from './step.ts';
export { metrics } from './metrics.ts';
export type { MetricsOptions } from './metrics.ts';
export { steered } from './steered.ts';
export type { Told } from './steered.ts';
export { evaluate } from './evaluate.ts';
export type { EvaluateOptions } from './evaluate.ts';
export { earlyStopping } from './early-stopping.ts';
export type { EarlyStoppingOptions } from './early-stopping.ts';
export { guard } from './guard.ts';
export type { GuardOptions } from './guard.ts';
export { budget } from './budget.ts';
export type { BudgetOptions } from './budget.ts';
export { keep } from './keep.ts';
export type { WeightsStore } from './keep.ts';
export { checkpoint, checkpointOf } from './checkpoint.ts';
export type { Checkpoint, CheckpointSink } from './checkpoint.ts';
export { report } from './report.ts';
export { valuesOf } from './values-of.ts';
// Beside the numbers
export { asides } from './asides.ts';
export { histograms } from './histograms.ts';
export type { HistogramsOptions } from './histograms.ts';
export { isImage, sampleImages } from './sample-images.ts';
export type { SampleImagesOptions } from './sample-images.ts';
export { timings } from './timings.ts';
export type { TimingsOptions } from './timings.ts';
export { trialOf } from './trial.ts';
// When to stop
export { patience } from './stopping/patience.ts';
export type { PatienceOptions } from './stopping/patience.ts';
export { generalizationLoss, percentAbove, progressQuotient, successiveRises, trainingProgress } from './stopping/prechelt.ts';
export type { GeneralizationLossOptions, ProgressQuotientOptions, SuccessiveRisesOptions } from './stopping/prechelt.ts';
export { stoppingRules } from './stopping/registry.ts';
export type { Judged, Judgement, StoppingRule } from './stopping/rule.ts';
export { stoppingMonitor } from './stopping/monitor.ts';
export type { Monitor, MonitorMemory, MonitorOptions, Reading, Verdict } from './stopping/monitor.ts';
// When
export { atEnd, epochs, steps } from './every.ts';
export type { Every } from './every.ts';
export { controlled, fullSpeed, stepOn } from './pace.ts';
export type { ControlledPace, Driven, Pace } from './pace.ts';
// The run behind the events
export { Pacer, Run, RUN } from './run.ts';
export type { GoodState, Live, Source, Sourced, StageMemory } from './run.ts';
// Documents
export { describe } from './describe.ts';
export type { Description } from './describe.ts';
export { buildParts, compose, registries, runSchema } from './from-spec.ts';
export type { ComposeOptions, RunParts } from './from-spec.ts';
export { named } from './stage.ts';
export type { Stage, StageSpec } from './stage.ts';
