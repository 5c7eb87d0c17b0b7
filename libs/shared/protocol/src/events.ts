import type { Note } from './stream.ts';

/** What a run says while it runs: plain JSON. Metric names are `<split>/<metric>` (`train/loss`) or plain (`learningRate`). */
export type RunEvent = StepEvent | EvaluationEvent | StopEvent;

/** What a run says beside its course: distributions, images, text, what somebody ought to look at, where the time goes. */
export type Aside = Extract<Note, { type: 'histogram' | 'image' | 'text' | 'alert' }> | TimingEvent;

/** Where the time of one step went, measured now and then: `time/…` in ms, `queue/…`, `rate/…`. */
export interface TimingEvent {
  readonly type: 'timing';
  /** The step that was measured. */
  readonly step: number;
  readonly wall: number;
  readonly metrics: MetricValues;
}

/** Values by metric name. NaN and infinities are values. */
export type MetricValues = Readonly<Record<string, number>>;

/** One optimizer step was taken. */
export interface StepEvent {
  readonly type: 'step';
  /** 0-based step whose batch this was. */
  readonly step: number;
  /** 0-based epoch. */
  readonly epoch: number;
  /** 0-based position in the epoch. */
  readonly index: number;
  readonly batchesPerEpoch: number;
  /** Steps of the whole run, when it is bounded. */
  readonly totalSteps?: number;
  /** Examples in the batch. */
  readonly size: number;
  /** Wall clock, ms since 1970. */
  readonly wall: number;
  /** `train/loss` (of this batch), `train/lossMean` (of the epoch so far), and whatever `metrics` was asked for. */
  readonly metrics: MetricValues;
  /** The hyper-parameters this step used. */
  readonly hyper: Readonly<Record<string, number>>;
}

/** A split was evaluated with the weights after `step`. */
export interface EvaluationEvent {
  readonly type: 'evaluation';
  readonly step: number;
  readonly epoch: number;
  readonly wall: number;
  readonly split: 'train' | 'validation' | 'test';
  readonly metrics: MetricValues;
  /** Seconds the evaluation took. */
  readonly seconds: number;
}

/** A stage ended the run before its last batch. */
export interface StopEvent {
  readonly type: 'stop';
  readonly step: number;
  readonly epoch: number;
  readonly wall: number;
  /** A sentence for people. */
  readonly reason: string;
  /** Whether somebody told the run to, instead of a stage that judged it. */
  readonly told?: boolean;
  /** Step whose weights the result holds, where that is not the last one. */
  readonly bestStep?: number;
}
