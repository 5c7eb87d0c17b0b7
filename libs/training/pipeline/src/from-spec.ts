import { identity, takeUntil, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { buildFrom, checkOptions, InputError, isInputError, oneOf, positiveInteger, registrySchema, specOf, type JsonSchema, type Registries } from '@gradstream/numerics';
import { runSpecJsonSchema, type RunEvent, type RunSpec } from '@gradstream/protocol';
import { augmentations, type Augmentation } from '@gradstream/augment';
import { datasets as synthetic, type Data } from '@gradstream/datasets';
import { compileRules } from '@gradstream/engine';
import { metrics as metricRegistry, objectives, type Metric, type Objective } from '@gradstream/losses';
import { layers, models, type Model } from '@gradstream/models';
import { chain, schedules, skipNonFinite, transformations, type Transformation } from '@gradstream/optimizers';
import { regularizers, type Regularizer } from '@gradstream/regularizers';
import { augment } from './augment.ts';
import { batches, batchesRules, type BatchesOptions } from './batches.ts';
import { budget, type BudgetOptions } from './budget.ts';
import { earlyStopping, type EarlyStoppingOptions } from './early-stopping.ts';
import { evaluate } from './evaluate.ts';
import { epochs, parseEvery } from './every.ts';
import { forward } from './forward.ts';
import { guard, type GuardOptions } from './guard.ts';
import { loss } from './loss.ts';
import { metrics } from './metrics.ts';
import { optimize, type OptimizeOptions } from './optimize.ts';
import type { Live } from './run.ts';
import { steered, type Told } from './steered.ts';
import { stoppingRules } from './stopping/registry.ts';
import type { StoppingRule } from './stopping/rule.ts';
import type { Step } from './step.ts';

/** Every part a document may name, by kind. `@gradstream/pipeline/node` adds the data sets that lie in files. */
export const registries: Registries = {
  dataset: synthetic,
  augmentation: augmentations,
  model: models,
  layer: layers,
  objective: objectives,
  regularizer: regularizers,
  transformation: transformations,
  schedule: schedules,
  metric: metricRegistry,
  stopping: stoppingRules,
} as Registries;

/** JSON Schema (2020-12) of run documents, parts included. */
export const runSchema = (known: Registries = registries): JsonSchema => runSpecJsonSchema(Object.fromEntries(Object.entries(known).map(([kind, members]) => [kind, registrySchema(members)])));

/** The parts of a run document, made: nothing has been read or computed yet but the document. */
export interface RunParts {
  readonly spec: RunSpec;
  readonly batches: BatchesOptions;
  readonly augmentations: readonly Augmentation[];
  readonly model: Model;
  readonly objective: Objective;
  readonly regularizers: readonly Regularizer[];
  readonly optimizer: Transformation;
  readonly engine: OptimizeOptions;
  readonly metrics: readonly Metric[];
  readonly evaluate: { readonly every: ReturnType<typeof parseEvery>; readonly size?: number };
  readonly guard?: GuardOptions;
  readonly budget?: BudgetOptions;
  readonly earlyStopping?: EarlyStoppingOptions;
}


/**
 * Makes every part of a checked document, so that what is wrong in it is known before data are read or anything is created.
 *
 * @param where begins the sentences: the file's name
 */
export function buildParts(spec: RunSpec, where: string, known: Registries = registries): RunParts {
  const made = <T extends object>(kind: string, document: unknown, path: string): T => buildFrom<T>(known, kind, document, `${where}: ${path}`);
  const list = <T extends object>(kind: string, documents: readonly unknown[] | undefined, path: string): T[] => (documents ?? []).map((document, i) => made<T>(kind, document, `${path}[${i}]`));
  const checked = <O>(path: string, options: object | undefined, rules: Parameters<typeof checkOptions>[2]): O => {
    checkOptions(`${where}: ${path}`, options ?? {}, rules);
    return (options ?? {}) as O;
  };
  if ('complete' in spec && (spec as { complete: unknown }).complete === false) throw new InputError(`${where}: this description is not complete; it names ${((spec as { opaque?: string[] }).opaque ?? ['something opaque']).join(', ')}, which no document can hold`);
  const { every = epochs(1), size } = checked<{ every?: unknown; size?: number }>('evaluate', spec.evaluate, { every: { says: "'end', { epochs: n } or { steps: n }", accepts: () => true, schema: {} }, size: positiveInteger });
  const batchOptions = checked<BatchesOptions>('batches', spec.batches, batchesRules);
  /** Checks what a stage checks, before there is data for it. */
  const tried = (make: () => unknown): void => {
    try {
      make();
    } catch (error) {
      throw isInputError(error) ? new InputError(`${where}: ${error.message}`) : error;
    }
  };
  const guarding = spec.guard as GuardOptions | undefined;
  const bounds = spec.budget as BudgetOptions | undefined;
  const stopping = spec.earlyStopping && ({ ...spec.earlyStopping, ...('rule' in spec.earlyStopping ? { rule: made<StoppingRule>('stopping', spec.earlyStopping['rule'], 'earlyStopping.rule') } : {}) } as unknown as EarlyStoppingOptions);
  if (guarding) tried(() => guard(guarding));
  if (bounds) tried(() => budget(bounds));
  if (stopping) tried(() => earlyStopping(stopping));
  const optimizer = Array.isArray(spec.optimizer) ? chain(...list<Transformation>('transformation', spec.optimizer, 'optimizer')) : made<Transformation>('transformation', spec.optimizer, 'optimizer');
  if ('seed' in batchOptions) throw new InputError(`${where}: seed stands at the top of a run document, not in batches`);
  return {
    spec,
    batches: { ...batchOptions, ...(spec.seed === undefined ? {} : { seed: spec.seed }) },
    augmentations: list<Augmentation>('augmentation', spec.augment, 'augment'),
    model: made<Model>('model', spec.model, 'model'),
    objective: made<Objective>('objective', spec.loss, 'loss'),
    regularizers: list<Regularizer>('regularizer', spec.regularizers, 'regularizers'),
    optimizer: guarding?.nonFinite === 'skip' && specOf(optimizer)?.name !== 'skipNonFinite' ? skipNonFinite({ inner: optimizer }) : optimizer,
    engine: checked<OptimizeOptions>('engine', spec.engine, { ...compileRules, backend: oneOf('auto', 'cpu', 'wasm', 'webgl') }),
    metrics: list<Metric>('metric', spec.metrics, 'metrics'),
    evaluate: { every: parseEvery(every, `${where}: evaluate.every`), ...(size ? { size } : {}) },
    ...(guarding ? { guard: guarding } : {}),
    ...(bounds ? { budget: bounds } : {}),
    ...(stopping ? { earlyStopping: stopping } : {}),
  };
}

/** What code adds to a document. */
export interface ComposeOptions {
  readonly batches?: BatchesOptions;
  readonly engine?: OptimizeOptions;
  /** Looks at each step while it is lent, between `optimize` and `metrics`: `histograms`, `sampleImages`. */
  readonly steps?: MonoTypeOperatorFunction<Step>;
  /** What the run is told while it trains; see `steered`. */
  readonly commands$?: Observable<Told>;
  /** Ends the run gracefully: after the current step, with the best weights kept. */
  readonly until$?: Observable<unknown>;
  /** Begins the sentences of errors. Default `run`. */
  readonly where?: string;
}

/** Composes the run of some parts and data: what a document means, in code. */
export function compose(parts: RunParts, data: Pick<Data, 'train' | 'validation'>, extra: ComposeOptions = {}): Observable<RunEvent & Live> {
  const where = extra.where ?? 'run';
  if (parts.earlyStopping && !data.validation) {
    const { monitor } = parts.earlyStopping;
    throw new InputError(`${where}: earlyStopping monitors '${monitor}', and the data have no validation split; give data.validation`);
  }
  const steps$ = batches(data.train, { ...parts.batches, ...extra.batches }).pipe(
    augment(...parts.augmentations),
    extra.until$ ? takeUntil(extra.until$) : identity,
    forward(parts.model),
    loss(parts.objective, ...parts.regularizers),
    optimize(parts.optimizer, { ...parts.engine, ...extra.engine }),
    extra.steps ?? identity,
    metrics(...parts.metrics),
  );
  const guarded$ = parts.guard ? steps$.pipe(guard(parts.guard)) : steps$;
  const bounded$ = parts.budget ? guarded$.pipe(budget(parts.budget)) : guarded$;
  const steered$ = extra.commands$ ? bounded$.pipe(steered(extra.commands$)) : bounded$;
  if (!data.validation) return steered$;
  const evaluated$ = steered$.pipe(evaluate(data.validation, parts.evaluate));
  return parts.earlyStopping ? evaluated$.pipe(earlyStopping(parts.earlyStopping)) : evaluated$;
}
