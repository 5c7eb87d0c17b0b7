// Contracts
export type { Objective, TargetTensor } from './objective.ts';
export type { Accumulator, Metric, StepView } from './metric.ts';
