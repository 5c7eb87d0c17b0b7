import type { RunEvent } from '@gradstream/protocol';
import { RunCurves } from '../run/run-curves.ts';
import type { Store } from '../view/store.ts';
import type { Command, Gallery, Guesses, Plane, Report, Surface } from './messages.ts';
import { specOf, type TrainSettings } from './settings.model.ts';

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

/** Trains in a worker of this tab: starts, pauses, steps, stops, and steers the learning rate. */
export class Trainer implements Store<Training> {
  #worker: TrainWorker | undefined;
  #value: Training;
  readonly #makeWorker: () => TrainWorker;
  readonly #wasmPath: string;
  readonly #listeners = new Set<() => void>();
  #rateAt = { wall: 0, step: 0 };

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

  /** Begins a run from scratch; one that goes on is ended. With `paused` it waits before its first step. */
  start(settings: TrainSettings, paused = false): void {
    this.#worker?.terminate();
    const worker = this.#makeWorker();
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#take(data);
    worker.onerror = ({ message }) => this.#change({ phase: 'failed', message });
    this.#change({
      phase: 'starting', curves: new RunCurves(), rate: settings.learningRate, step: -1, epoch: 0, touches: [], skipped: [],
      backend: undefined, engine: undefined, params: undefined, totalSteps: undefined, stepsPerSecond: undefined, examples: undefined,
      plane: undefined, surface: undefined, gallery: undefined, guesses: undefined, message: undefined,
    });
    worker.postMessage({ type: 'start', spec: specOf(settings), backend: settings.backend, wasmPath: this.#wasmPath, paused });
    if (paused) this.#change({ phase: 'paused' });
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
    else if (report.type === 'surface') this.#change({ surface: report.surface });
    else if (report.type === 'guesses') this.#change({ guesses: report.guesses });
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
