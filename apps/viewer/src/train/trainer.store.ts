import type { Checkpoint } from '@gradstream/pipeline';
import type { RunEvent } from '@gradstream/protocol';
import { RunCurves } from '../run/run-curves.ts';
import type { Store } from '../view/store.ts';
import type { Command, Gallery, Guesses, Plane, Report, StartCommand, Surface } from './messages.ts';
import { specOf, type TrainSettings } from './settings.model.ts';
import { Reel } from './reel.ts';

/** A run in this tab as React sees it; its points stay in the curves. */
export interface Training {
  readonly phase: 'idle' | 'starting' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
  readonly curves: RunCurves;
  readonly backend?: string;
  /** Why a wanted backend is not used. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly engine?: string;
  readonly params?: number;
  readonly rate: number;
  readonly step: number;
  readonly epoch: number;
  readonly totalSteps?: number;
  /** Steps of the last second. */
  readonly stepsPerSecond?: number;
  readonly examples?: { readonly train: number; readonly validation: number };
  readonly plane?: Plane;
  readonly surface?: Surface;
  readonly gallery?: Gallery;
  readonly guesses?: Guesses;
  readonly message?: string;
  /** Where the graphics context was lost, and where training went on (−1: from the start). */
  readonly lost?: { readonly step: number; readonly from: number };
  /** The run that this one was forked from. */
  readonly original?: { readonly curves: RunCurves; readonly after: number };
  /** The step of the newest snapshot; undefined before the first. */
  readonly snapshot?: number;
  /** Where the learning rate was touched. */
  readonly touches: readonly { readonly x: number; readonly label: string }[];
}

/** The least of a worker that a trainer needs. */
export interface TrainWorker {
  postMessage(command: Command): void;
  terminate(): void;
  onmessage: ((message: { data: Report }) => void) | null;
  onerror: ((event: { message: string }) => void) | null;
}

/** Values of an event by metric: what `metrics` read, and the learning rate that the step used. */
export function valuesOf(event: RunEvent): readonly (readonly [string, number])[] {
  if (event.type === 'stop') return [];
  const values = Object.entries(event.metrics);
  return event.type === 'step' && 'learningRate' in event.hyper ? [...values, ['learningRate', event.hyper.learningRate]] : values;
}

/** Bytes of a snapshot, roughly: the optimizer keeps about two slots for each weight. */
const bytesOf = ({ state }: Checkpoint): number => 3 * [...state.weights.values()].reduce((n, { values }) => n + values.byteLength, 0);

/** Weights and counts without the state of an optimizer. */
const withoutOptimizer = (checkpoint: Checkpoint): Checkpoint => ({ ...checkpoint, state: { weights: checkpoint.state.weights } as Checkpoint['state'] });

/** What differs between two settings, as a mark on the curves says it. */
const changesOf = (before: TrainSettings, after: TrainSettings): string =>
  (Object.keys(after) as (keyof TrainSettings)[]).filter((key) => String(before[key]) !== String(after[key])).map((key) => `${key} = ${String(after[key])}`).join(', ') || 'fork';

/** Trains in a worker of this tab: starts, pauses, steps, stops, and steers the learning rate. */
export class Trainer implements Store<Training> {
  #worker: TrainWorker | undefined;
  #value: Training;
  readonly #makeWorker: () => TrainWorker;
  readonly #wasmPath: string;
  readonly #listeners = new Set<() => void>();
  #rateAt = { wall: 0, step: 0 };
  #settings: TrainSettings | undefined;
  #csv: string | undefined;
  readonly #snapshots = new Reel<Checkpoint>(64 * 2 ** 20, bytesOf);
  /** Pictures of the model by step, for the playhead. */
  readonly surfaces = new Reel<Surface>(48 * 2 ** 20, ({ probabilities, units = [] }) => units.reduce((n, { values }) => n + values.byteLength, probabilities.byteLength));
  readonly guesses = new Reel<Guesses>(8 * 2 ** 20, ({ labels, confidence, probabilities }) => labels.byteLength + confidence.byteLength + probabilities.byteLength);

  constructor(makeWorker: () => TrainWorker, wasmPath: string) {
    this.#makeWorker = makeWorker;
    this.#wasmPath = wasmPath;
    this.#value = { phase: 'idle', curves: new RunCurves(), skipped: [], rate: NaN, step: -1, epoch: 0, touches: [] };
  }

  get value(): Training {
    return this.#value;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Begins a run from scratch; one that goes on is ended. With `paused` it waits before its first step. @param csv content of the file that the settings name */
  start(settings: TrainSettings, paused = false, csv?: string): void {
    this.#csv = csv;
    this.#clear();
    this.#change({ curves: new RunCurves(), rate: settings.learningRate, step: -1, epoch: 0, touches: [], lost: undefined, original: undefined });
    this.#begin(settings, paused);
  }

  /**
   * Goes on from a snapshot of this run with other settings, over its curves. An optimizer of another name begins with its
   * own state; everything else continues where it was.
   *
   * @param at the snapshot at or before this step; by default the newest
   * @returns whether there was a snapshot
   */
  fork(settings: TrainSettings, at = Infinity): boolean {
    const checkpoint = this.#snapshots.at(at);
    const before = this.#settings;
    if (!checkpoint || !before) return false;
    const { curves } = this.#value;
    this.#clear();
    this.#change({ curves: new RunCurves(), rate: settings.learningRate, touches: [{ x: checkpoint.step - 1, label: changesOf(before, settings) }], lost: undefined, original: { curves, after: checkpoint.step - 1 } });
    this.#begin(settings, false, { resume: before.optimizer === settings.optimizer ? checkpoint : withoutOptimizer(checkpoint) });
    return true;
  }

  #begin(settings: TrainSettings, paused: boolean, more: Pick<StartCommand, 'resume' | 'rate'> = {}): void {
    this.#worker?.terminate();
    const worker = this.#makeWorker();
    this.#worker = worker;
    this.#settings = settings;
    worker.onmessage = ({ data }) => { if (worker === this.#worker) this.#take(data); };
    worker.onerror = ({ message }) => this.#change({ phase: 'failed', message });
    this.#change({ phase: 'starting', skipped: [], backend: undefined, engine: undefined, stepsPerSecond: undefined, message: undefined });
    worker.postMessage({ type: 'start', spec: specOf(settings), backend: settings.backend, wasmPath: this.#wasmPath, paused, ...(settings.data === 'csv' ? { csv: this.#csv ?? '' } : {}), ...more });
    if (paused) this.#change({ phase: 'paused' });
  }

  #clear(): void {
    this.#snapshots.clear();
    this.surfaces.clear();
    this.guesses.clear();
    this.#change({ params: undefined, totalSteps: undefined, examples: undefined, plane: undefined, surface: undefined, gallery: undefined, guesses: undefined, snapshot: undefined });
  }

  /** A new worker goes on from the last snapshot: the old one's graphics context is gone, and all tensors with it. */
  #recover(step: number): void {
    const checkpoint = this.#snapshots.at();
    const { phase, rate } = this.#value;
    this.#change({ lost: { step, from: checkpoint ? checkpoint.step - 1 : -1 } });
    this.#begin(this.#settings!, phase === 'paused', { ...(checkpoint ? { resume: checkpoint } : {}), rate });
  }

  play(): void {
    this.#worker?.postMessage({ type: 'play' });
    this.#change({ phase: 'running' });
  }

  pause(): void {
    this.#worker?.postMessage({ type: 'pause' });
    this.#change({ phase: 'paused', stepsPerSecond: undefined });
  }

  step(): void {
    this.#worker?.postMessage({ type: 'step' });
    this.#change({ phase: 'paused', stepsPerSecond: undefined });
  }

  stop(): void {
    this.#worker?.postMessage({ type: 'stop' });
  }

  /** Sets the learning rate of the run that goes on. */
  setRate(value: number): void {
    if (value === this.#value.rate) return;
    this.#worker?.postMessage({ type: 'rate', value });
    const { step, touches } = this.#value;
    const touch = { x: Math.max(0, step), label: `learningRate = ${Number(value.toPrecision(2))}` };
    const earlier = touches.at(-1)?.x === touch.x ? touches.slice(0, -1) : touches;
    this.#change({ rate: value, touches: step < 0 ? touches : [...earlier, touch] });
  }

  /** Ends the worker. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #change(part: Partial<Training>): void {
    this.#value = { ...this.#value, ...part };
    for (const listener of this.#listeners) listener();
  }

  #take(report: Report): void {
    if (report.type === 'events') this.#takeEvents(report.events);
    else if (report.type === 'backend') this.#change({ backend: report.name, skipped: report.skipped });
    else if (report.type === 'data') this.#change({ plane: report.plane, gallery: report.gallery, examples: { train: report.train, validation: report.validation } });
    else if (report.type === 'engine') this.#change({ engine: report.engine, params: report.params });
    else if (report.type === 'surface') {
      this.surfaces.add(report.surface.step, report.surface);
      this.#change({ surface: report.surface });
    } else if (report.type === 'guesses') {
      this.guesses.add(report.guesses.step, report.guesses);
      this.#change({ guesses: report.guesses });
    } else if (report.type === 'snapshot') {
      this.#snapshots.add(report.checkpoint.step - 1, report.checkpoint);
      this.#change({ snapshot: report.checkpoint.step - 1 });
    } else if (report.type === 'lost') this.#recover(report.step);
    else if (report.type === 'ended') this.#change({ phase: report.how, stepsPerSecond: undefined });
    else this.#change({ phase: 'failed', message: report.message, stepsPerSecond: undefined });
  }

  #takeEvents(events: readonly RunEvent[]): void {
    const { curves } = this.#value;
    for (const event of events) for (const [metric, value] of valuesOf(event)) curves.add(metric, event.step, event.wall, value);
    curves.tell();
    const last = events.findLast((event) => event.type === 'step');
    if (!last) return this.#change({});
    const elapsed = last.wall - this.#rateAt.wall;
    const stepsPerSecond = last.step < this.#rateAt.step || elapsed > 3_000 ? undefined : (1_000 * (last.step - this.#rateAt.step)) / elapsed;
    const due = last.step < this.#rateAt.step || elapsed >= 1_000;
    if (due) this.#rateAt = { wall: last.wall, step: last.step };
    this.#change({
      phase: this.#value.phase === 'starting' ? 'running' : this.#value.phase,
      step: last.step,
      epoch: last.epoch,
      totalSteps: last.totalSteps,
      ...(due && this.#value.phase !== 'paused' ? { stepsPerSecond } : {}),
    });
  }
}
