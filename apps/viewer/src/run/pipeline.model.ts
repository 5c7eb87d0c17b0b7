import type { RunCurves } from './run-curves.ts';

export type StageName = 'data' | 'augment' | 'forward' | 'loss' | 'optimize' | 'metrics';

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

/** The stages of a run's document in the order of the data; none where the document is not one of a run. */
export function stagesOf(spec: unknown): readonly PipelineStage[] {
  if (!isDocument(spec) || !nameOf(spec.model) || !nameOf(spec.loss) || !nameOf(spec.optimizer)) return [];
  const { data, batches, seed, augment, model, loss, regularizers, optimizer, metrics, evaluate, earlyStopping } = spec;
  const given = (parts: Document): Document => Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)));
  const augmented = nameOf(augment);
  const penalties = nameOf(regularizers);
  return [
    { stage: 'data', name: nameOf(data) ?? '–', spec: given({ data, batches, seed }) },
    ...(augmented ? [{ stage: 'augment', name: augmented, spec: given({ augment }) } as const] : []),
    { stage: 'forward', name: nameOf(model)!, spec: given({ model }) },
    { stage: 'loss', name: [nameOf(loss), penalties].filter(Boolean).join(' + '), spec: given({ loss, regularizers }) },
    { stage: 'optimize', name: nameOf(optimizer)!, spec: given({ optimizer }) },
    { stage: 'metrics', name: nameOf(metrics)?.replaceAll(' → ', ', ') ?? 'loss', spec: given({ metrics, evaluate, earlyStopping }) },
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

/** The latest number that a stage has to show, and the metric it is of. */
export function valueOf(stage: StageName, curves: Pick<RunCurves, 'latest' | 'names'>): { readonly metric: string; readonly value: number } | undefined {
  const wanted: Readonly<Record<StageName, readonly string[]>> = {
    data: [], augment: [], forward: ['train/accuracy'], loss: ['train/loss'], optimize: ['learningRate'], metrics: ['validation/accuracy', 'validation/loss'],
  };
  const metric = wanted[stage].find((name) => curves.names.includes(name));
  return metric === undefined ? undefined : { metric, value: curves.latest(metric)! };
}
