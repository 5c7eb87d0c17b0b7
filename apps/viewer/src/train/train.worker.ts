/// <reference lib="webworker" />
/** Trains in this worker, on WebGL where there is one, and says what happens. One run at a time; the page ends the worker to begin anew. */
import { useBackend } from '@gradstream/engine';
import { buildFrom, isInputError } from '@gradstream/numerics';
import { transformations, type Transformation } from '@gradstream/optimizers';
import { buildParts, checkpointOf, compose, controlled, type Live, registries, RUN } from '@gradstream/pipeline';
import { fromCsv, type CsvOptions, type Data } from '@gradstream/datasets';
import type { RunEvent, RunSpec } from '@gradstream/protocol';
import { backend as currentBackend } from '@tensorflow/tfjs-core';
import { BehaviorSubject, bufferTime, filter, ReplaySubject, tap } from 'rxjs';
import { galleryOf, guess } from './gallery.ts';
import type { Command, Report, StartCommand } from './messages.ts';
import { planeOf } from './surface.ts';
import { type ActivationName, pictureOf } from './units.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const say = (report: Report, transfer: Transferable[] = []) => scope.postMessage(report, transfer);

/** Events leave in parcels, so that a thousand steps a second are not a thousand messages. */
const parcelMs = 50;
/** Pictures of the model are taken at most this often: they cost a forward pass. */
const pictureMs = 200;
/** A snapshot copies the weights; a lost graphics context takes no more than this with it. */
const snapshotMs = 1_000;
/** Share of the time that pictures may take. */
const pictureShare = 0.25;

/** Replayed, because somebody may stop a run that has not begun. */
const stop$ = new ReplaySubject<void>(1);
let pace: ReturnType<typeof controlled> | undefined;
let rate$: BehaviorSubject<number> | undefined;

scope.onmessage = ({ data: command }: MessageEvent<Command>) => {
  if (command.type === 'start') void start(command).catch(fail);
  else if (command.type === 'rate') rate$?.next(command.value);
  else if (command.type === 'stop') stop$.next();
  else pace?.[command.type]();
};

const fail = (error: unknown) => say({ type: 'failed', message: error instanceof Error ? error.message : String(error), input: isInputError(error) });

async function start({ spec, backend, wasmPath, paused, csv, resume, rate }: StartCommand): Promise<void> {
  // In place before anything is awaited, so that what is asked meanwhile is not lost.
  const held = (pace = controlled({ playing: !paused }));
  const parts = { ...buildParts(spec, 'train'), optimizer: steered(spec, rate) };
  const { name, skipped } = await useBackend({ backend, wasmPath });
  say({ type: 'backend', name, skipped });
  let taken = resume ? resume.step - 1 : -1;
  if (name === 'webgl') onContextLost(() => say({ type: 'lost', step: taken }));
  const data = csv === undefined ? await buildFrom<Promise<Data> & object>(registries, 'dataset', spec.data, 'train: data') : csvData(csv, spec);
  const planar = data.info.inputShape.join() === '2';
  const plane = planar ? planeOf(data) : undefined;
  const gallery = planar || !data.validation ? undefined : galleryOf(data.validation);
  say({ type: 'data', plane, gallery: gallery?.images, train: data.train.size, validation: data.validation?.size ?? 0 });

  const picture = (run: Live[typeof RUN]) => {
    if (plane) {
      const surface = pictureOf(run.trainer, activationOf(spec), plane, run.step);
      say({ type: 'surface', surface }, [surface.probabilities.buffer, ...(surface.units ?? []).map(({ values }) => values.buffer)] as ArrayBuffer[]);
    }
    if (gallery) say({ type: 'guesses', guesses: guess(run.trainer, gallery, run.step) });
  };
  let due = -Infinity;
  let snapped = performance.now();
  let playing = !paused;
  held.playing$.subscribe((is) => { playing = is; });
  let stopped = false;
  stop$.subscribe(() => { stopped = true; });
  compose(parts, data, { batches: { pace: held, ...(resume ? { from: resume.step } : {}) }, engine: resume ? { resume } : {}, until$: stop$ }).pipe(
    tap((event) => {
      if (event.type === 'step') taken = event.step;
      if (event.type === 'step' && event.step === (resume?.step ?? 0)) {
        const { trainer } = event[RUN];
        say({ type: 'engine', engine: trainer.engine, params: [...trainer.weights().values()].reduce((n, { values }) => n + values.length, 0) });
      }
      const now = performance.now();
      if (event.type === 'step' && (now - snapped >= snapshotMs || !playing)) {
        snapped = now;
        say({ type: 'snapshot', checkpoint: checkpointOf(event[RUN]) });
      }
      if (event.type !== 'step' || (now < due && playing)) return;
      picture(event[RUN]);
      due = Math.max(now + pictureMs, performance.now() + (performance.now() - now) * (1 / pictureShare - 1));
    }),
    bufferTime<RunEvent & Live>(parcelMs),
    filter((events) => events.length > 0),
  ).subscribe({
    next: (events) => say({ type: 'events', events: events.map(({ [RUN]: _, ...event }) => event as RunEvent) }),
    error: fail,
    complete: () => say({ type: 'ended', how: stopped ? 'stopped' : 'finished' }),
  });
}

/** A lost context is silent: reads give zeros or never come. Whoever hears of it ends this worker. */
function onContextLost(listener: () => void): void {
  const { gpgpu } = currentBackend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } };
  gpgpu.gl.canvas.addEventListener('webglcontextlost', listener, { once: true });
}

const activationOf = ({ model }: RunSpec): ActivationName => (model as { readonly activation?: ActivationName }).activation ?? 'relu';

/** The data of a file that somebody dropped on the page. */
function csvData(content: string, { data }: RunSpec): Data {
  const { name: _, path, ...options } = data as unknown as CsvOptions & { readonly name: string; readonly path: string };
  return fromCsv(content, path, { ...options, task: 'classes' });
}

/** The optimizer of the document, its learning rate replaced by a stream that the page's slider feeds. */
function steered({ optimizer }: RunSpec, rate?: number): Transformation {
  const { name, learningRate, ...options } = optimizer as { name: keyof typeof transformations; learningRate: number };
  rate$ = new BehaviorSubject(rate ?? learningRate);
  const make = transformations[name] as unknown as (options: object) => Transformation;
  return make({ ...options, learningRate: rate$ });
}
