import type { RunCurves } from './run-curves.ts';
import type { StageName, StageTimes } from './stage-times.model.ts';

/** A stage of a run as it is drawn: what it is by name, and the part of the document that says it all. */
export interface PipelineStage {
  readonly stage: StageName;
  readonly name: string;
  readonly spec: unknown;
}

type Document = Readonly<Record<string, unknown>>;

const isDocument = (value: unknown): value is Document => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The name of a part, as documents write it: a text, an object with a name, or a list of either. */
export function nameOf(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (Array.isArray(part)) return part.map(nameOf).filter((name) => name !== undefined).join(' → ') || undefined;
  if (!isDocument(part)) return undefined;
  if (typeof part.name === 'string') return part.name;
  return typeof part.opaque === 'string' ? part.opaque : undefined;
}

/** The stages of a run's document in the order of the data, with those that were measured beside; none where the document is not one of a run. */
export function stagesOf(spec: unknown, times?: Pick<StageTimes, 'stages' | 'pass'>): readonly PipelineStage[] {
  if (!isDocument(spec) || !nameOf(spec.model) || !nameOf(spec.loss) || !nameOf(spec.optimizer)) return [];
  const { data, batches, seed, augment, model, loss, regularizers, optimizer, engine, metrics, evaluate, earlyStopping } = spec;
  const measured = (stage: StageName) => times?.stages.has(stage) === true;
  const given = (parts: Document): Document => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)));
  const augmented = nameOf(augment);
  const penalties = nameOf(regularizers);
  return [
    { stage: 'data', name: nameOf(data) ?? '–', spec: given({ data, batches, seed }) },
    ...(augmented ? [{ stage: 'augment', name: augmented, spec: given({ augment }) } as const] : []),
    { stage: 'forward', name: nameOf(model)!, spec: given({ model }) },
    { stage: 'loss', name: [nameOf(loss), penalties].filter(Boolean).join(' + '), spec: given({ loss, regularizers }) },
    ...(measured('backward') || times?.pass ? [{ stage: 'backward', name: '', spec: given({ engine }) } as const] : []),
    { stage: 'optimize', name: nameOf(optimizer)!, spec: given({ optimizer }) },
    { stage: 'metrics', name: nameOf(metrics)?.replaceAll(' → ', ', ') ?? 'loss', spec: given({ metrics, evaluate, earlyStopping }) },
    ...(measured('rest') ? [{ stage: 'rest', name: '', spec: {} } as const] : []),
  ];
}

/** Steps per second over the last points of a metric; undefined while there is nothing to tell it from. */
export function stepsPerSecond(curves: Pick<RunCurves, 'curve'>, metric = 'train/loss', over = 200): number | undefined {
  const { x, time } = curves.curve(metric);
  const last = x.length - 1;
  const first = Math.max(0, last - over);
  if (last <= first || time.length === 0) return undefined;
  const seconds = (time[last] - time[first]) / 1_000;
  return seconds > 0 ? (x[last] - x[first]) / seconds : undefined;
}

/** A number of a run, and the metric it is of. */
export interface Latest {
  readonly metric: string;
  readonly value: number;
}

/** The metrics of a stage, those that are looked for first in front; a star ends what only begins so. */
const metricsOf: Readonly<Record<StageName, readonly string[]>> = {
  data: ['rate/examples', 'queue/prefetch'],
  augment: [],
  forward: ['train/accuracy'],
  loss: ['train/loss', 'train/lossMean', 'train/penalty'],
  backward: ['gradientNorm'],
  optimize: ['learningRate', 'gradientNorm'],
  metrics: ['validation/accuracy', 'validation/loss', 'validation/*', 'test/*', 'train/*'],
  rest: [],
};

/** The latest numbers of a stage, each metric once. */
export function valuesOf(stage: StageName, curves: Pick<RunCurves, 'curve' | 'names'>, at = Infinity): readonly Latest[] {
  const found = metricsOf[stage].flatMap((wanted) => curves.names.filter((name) => (wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted)));
  return [...new Set(found)].flatMap((metric) => {
    const curve = curves.curve(metric);
    const value = curve.y[(at === Infinity ? curve.length : curve.indexAfter(at)) - 1];
    return value === undefined ? [] : [{ metric, value }];
  });
}
