// Events
export type { EvaluationEvent, MetricValues, RunEvent, StepEvent, StopEvent } from './events.ts';
