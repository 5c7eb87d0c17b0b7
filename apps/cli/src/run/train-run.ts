import { catchError, EMPTY, filter, identity, tap, type MonoTypeOperatorFunction, type Observable } from 'rxjs';
import { buildFrom, InputError, weightsSha256, type Weights } from '@gradstream/numerics';
import { newId, type Aside, type MetricValues, type RunEvent } from '@gradstream/protocol';
import { publish, type PublishOperator } from '@gradstream/client';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { build } from '@gradstream/models';
import { settable } from '@gradstream/optimizers';
import { asides, atEnd, buildParts, checkpoint, compose, evaluate, histograms, isImage, keep, RUN, sampleImages, stepsOf, timings, type Live, type Step } from '@gradstream/pipeline';
import { folderCheckpoints, prefetchInThreads, registriesIn } from '@gradstream/pipeline/node';
import type { FoundSpec } from './find-spec.ts';
import { checkpointsOf, openFolder, resumeFrom, saveResult } from './run-folder.ts';
import type { Progress } from './progress.ts';
import { targetAt } from './servers.ts';

/** What can be published beside the numbers: how weights and gradients lie, and images of a batch before and after augmentation. */
export const loggedKinds = ['histograms', 'images'] as const;
export type Logged = (typeof loggedKinds)[number];

/** What a training run is asked for beside its document. */
export interface TrainRequest extends FoundSpec {
  readonly dataDir?: string;
  /** Threads that make batches ahead; 0 makes each when its step comes. */
  readonly workers: number;
  /** Address of a metrics server or of a bus; none publishes nothing. */
  readonly server?: string;
  /** Folder for checkpoints while it runs, and for the model at the end. */
  readonly out?: string;
  /** What is published beside the numbers. */
  readonly log?: readonly Logged[];
  /** Whether it is published now and then where the time of a step goes. Default true. */
  readonly timings?: boolean;
  /** Id on the server. Default a new one. */
  readonly run?: string;
  /** Goes on in the folder `out`, from a checkpoint where there is one. */
  readonly resuming?: boolean;
  readonly progress: Progress;
  /** Stops after the current step and keeps the result. */
  readonly stop$: Observable<unknown>;
}

/** What `--json` prints. */
export interface TrainResult {
  readonly run: string;
  readonly status: 'finished' | 'stopped';
  readonly steps: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly backend: string;
  readonly engine: string;
  /** Last values; those of evaluations belong to the weights that were kept. */
  readonly metrics: MetricValues;
  readonly weightsSha256: string;
  readonly examplesPerSecond: number;
  /** How often the test split was looked at; once is honest. */
  readonly testLooks?: number;
  /** Why it ended before its last batch. */
  readonly reason?: string;
  readonly out?: string;
}

/**
 * Carries a run document out: reads data, trains, publishes, evaluates the test split once, and keeps what was asked for.
 * Everything in the document is checked before data are read, and data before anything is created.
 */
export async function trainRun(request: TrainRequest): Promise<TrainResult> {
  const { spec, where, progress } = request;
  const registries = registriesIn(request.dataDir);
  const parts = buildParts(spec, where, registries);
  const data = await buildFrom<Data | Promise<Data>>(registries, 'dataset', spec.data, `${where}: data`);
  if (parts.batches.epochs === undefined && parts.batches.steps === undefined) throw new InputError(`${where}: batches needs epochs or steps, or the run never ends`);
  const { params } = build(parts.model, data.train.inputShape, data.train.targets.width);
  const { name: backend } = await useBackend({ backend: parts.engine.backend });

  const id = request.run ?? newId();
  if (request.out) openFolder(request.out, spec, data, parts, { resuming: request.resuming === true });
  const resumed = request.out && request.resuming ? resumeFrom(request.out, stepsOf(data.train.size, parts.batches)) : undefined;
  for (const note of resumed?.notes ?? []) progress.say(note);
  const resume = resumed?.checkpoint;
  let interrupted = false;
  const kept: { weights?: Weights } = {};
  const target = request.server ? await targetAt(request.server) : undefined;
  const commands$ = target?.commands?.(id).pipe(
    tap(({ command, path, value }) => {
      interrupted ||= command === 'stop';
      progress.say(`told to ${[command, path, value].filter((word) => word !== undefined).join(' ')}`);
    }),
    catchError((error: Error) => {
      progress.say(`nobody can steer this run: ${error.message}`);
      return EMPTY;
    }),
  );
  const stopped$ = compose(parts, data, {
    where,
    steps: observers(request.server ? (request.log ?? []) : [], data),
    until$: request.stop$,
    commands$,
    batches: { ...(request.workers > 0 ? { maker: prefetchInThreads({ workers: request.workers }) } : {}), ...(resume ? { from: resume.step } : {}) },
    engine: resume ? { resume } : {},
  });
  const tested$ = data.test ? stopped$.pipe(evaluate(data.test, { every: atEnd() })) : stopped$;
  const saved$ = request.out ? tested$.pipe(checkpoint(folderCheckpoints(checkpointsOf(request.out)))) : tested$;
  const kept$ = saved$.pipe(keep(kept));
  const publisher: PublishOperator<(RunEvent | Aside) & Live> | undefined = request.server
    ? publish(target!.url, { ...(target!.fetch ? { fetch: target!.fetch } : {}), run: id, name: spec.name, spec: { ...spec }, controls: commands$ && { commands: ['pause', 'resume', 'step', 'stop'], set: { ...settable(parts.optimizer, params) } }, state: (ending) => (ending === 'completed' ? (interrupted ? 'stopped' : 'finished') : ending === 'errored' ? 'failed' : 'stopped'), onProblem: progress.say })
    : undefined;
  const all$ = publisher ? kept$.pipe(asides(), request.timings === false ? identity : timings(), publisher, filter((event) => isRunEvent(event))) : kept$;

  const seen = { steps: 0, examples: 0, epochs: 0, engine: '', reason: undefined as string | undefined, metrics: {} as Record<string, number>, best: {} as MetricValues };
  const started = performance.now();
  const watch = request.stop$.subscribe(() => (interrupted = true));
  try {
    await new Promise<void>((resolve, reject) => {
      all$.subscribe({
        next: (event: (RunEvent & Live)) => {
          if (event.type !== 'stop') Object.assign(seen.metrics, event.metrics);
          // What is reported belongs to the weights that are kept.
          if (event.type === 'evaluation' && event[RUN].nominated?.step === event.step) seen.best = { ...seen.best, ...event.metrics };
          seen.engine ||= event[RUN].trainer.engine;
          if (event.type === 'step') {
            seen.steps = event.step + 1;
            seen.examples += event.size;
            seen.epochs = event.epoch + (event.index + 1 === event.batchesPerEpoch ? 1 : 0);
          }
          if (event.type === 'stop') seen.reason = event.reason;
          progress.next(event);
        },
        error: reject,
        complete: resolve,
      });
    });
  } finally {
    watch.unsubscribe();
    progress.stop();
    const report = await publisher?.done;
    if (report && report.unsent + report.refused > 0) progress.say(`${request.server} did not get ${report.unsent + report.refused} points of this run`);
    await target?.close?.();
  }
  const seconds = (performance.now() - started) / 1000;
  const weights = kept.weights;
  if (!weights) throw new Error('the run ended before its first step');
  if (request.out) saveResult(request.out, data, parts, weights);
  return {
    run: id,
    status: interrupted ? 'stopped' : 'finished',
    steps: seen.steps,
    epochs: seen.epochs,
    seconds: Number(seconds.toFixed(3)),
    backend,
    engine: seen.engine,
    metrics: { ...seen.metrics, ...seen.best },
    weightsSha256: weightsSha256(weights),
    examplesPerSecond: Math.round(seen.examples / seconds),
    ...(data.test?.looks === undefined ? {} : { testLooks: data.test.looks }),
    ...(seen.reason ? { reason: seen.reason } : {}),
    ...(request.out ? { out: request.out } : {}),
  };
}

const isRunEvent = (event: (RunEvent | Aside) & Live): event is RunEvent & Live => event.type === 'step' || event.type === 'evaluation' || event.type === 'stop';

/** The stages that look at steps for what shall be published. @throws InputError for images of data that are none */
function observers(log: readonly Logged[], { train }: Data): MonoTypeOperatorFunction<Step> {
  if (log.includes('images') && !isImage(train.inputShape)) throw new InputError(`--log images: the examples of ${train.dataset} are no images, but [${train.inputShape.join(', ')}]`);
  const stages = [...(log.includes('histograms') ? [histograms()] : []), ...(log.includes('images') ? [sampleImages(train)] : [])];
  return (steps$) => stages.reduce((source$, stage) => source$.pipe(stage), steps$);
}
