import type { RunCurves } from './run-curves.ts';

/** `backward` and `rest` stand in no document: they are there where their time is measured. */
export type StageName = 'data' | 'augment' | 'forward' | 'loss' | 'backward' | 'optimize' | 'metrics' | 'rest';

/** The metrics that `timings` of the pipeline publishes. */
export const timingMetrics: ReadonlySet<string> = new Set([
  ...['data', 'augment', 'forward', 'loss', 'backward', 'pass', 'update', 'step', 'metrics', 'rest', 'total', 'wall'].map((part) => `time/${part}`),
  'queue/prefetch', 'rate/examples',
]);

/** Medians are over so many measured steps at most. */
export const timesOver = 20;

const metricOf: Readonly<Record<StageName, string>> = {
  data: 'time/data', augment: 'time/augment', forward: 'time/forward', loss: 'time/loss', backward: 'time/backward', optimize: 'time/update', metrics: 'time/metrics', rest: 'time/rest',
};

/** The time of one stage. */
export interface StageTime {
  /** Median, ms. */
  readonly ms: number;
  /** At the last measured step, ms. */
  readonly last: number;
  /** Its part of the sum of all stages' medians. */
  readonly share: number;
}

/** Where the time of a run's steps goes. */
export interface StageTimes {
  /** The last measured step. */
  readonly step: number;
  /** Measured steps that the medians are over. */
  readonly over: number;
  /** Sum of the medians, ms. */
  readonly total: number;
  /** Those that were measured, in the order of the data. */
  readonly stages: ReadonlyMap<StageName, StageTime>;
  /** Forward, loss and backward, where they cannot be told apart. */
  readonly pass?: StageTime;
  /** From step to step, ms: with all that happens between them. */
  readonly wall?: number;
  /** Examples a second at the last measured step. */
  readonly rate?: number;
  /** Batches that were ready then, where they are made ahead. */
  readonly queued?: number;
}

type Curves = Pick<RunCurves, 'curve' | 'names'>;

/**
 * Reads where the time goes from the curves of a run; undefined where nothing was measured.
 *
 * @param at the playhead: later steps are left out
 */
export function timesOf(curves: Curves, at = Infinity): StageTimes | undefined {
  const upTo = (metric: string): { readonly values: Float64Array; readonly steps: Float64Array } | undefined => {
    if (!curves.names.includes(metric)) return undefined;
    const curve = curves.curve(metric);
    const end = at === Infinity ? curve.length : curve.indexAfter(at);
    return end === 0 ? undefined : { values: curve.y.subarray(Math.max(0, end - timesOver), end), steps: curve.x.subarray(Math.max(0, end - timesOver), end) };
  };
  const whole = upTo('time/total');
  if (!whole) return undefined;
  const measured = [...(Object.entries(metricOf) as [StageName, string][]), ['pass', 'time/pass'] as const].flatMap(([stage, metric]) => {
    const found = upTo(metric);
    return found ? [{ stage, ms: median(found.values), last: found.values[found.values.length - 1] }] : [];
  });
  const total = measured.reduce((sum, { ms }) => sum + ms, 0);
  const timed = new Map(measured.map(({ stage, ms, last }) => [stage, { ms, last, share: total > 0 ? ms / total : 0 }]));
  const pass = timed.get('pass');
  timed.delete('pass');
  const wall = upTo('time/wall');
  const [rate, queued] = ['rate/examples', 'queue/prefetch'].map((metric) => upTo(metric)?.values.at(-1));
  return {
    step: whole.steps[whole.steps.length - 1], over: whole.values.length, total, stages: timed as ReadonlyMap<StageName, StageTime>,
    ...(pass ? { pass } : {}), ...(wall ? { wall: median(wall.values) } : {}), ...(rate === undefined ? {} : { rate }), ...(queued === undefined ? {} : { queued }),
  };
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Whether a stage is a part of the pass that cannot be told apart. */
export const isInPass = (stage: StageName): boolean => stage === 'forward' || stage === 'loss' || stage === 'backward';
