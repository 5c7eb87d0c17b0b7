import type { Key, Weights } from '@gradstream/numerics';
import type { Metric } from '@gradstream/losses';
import type { Trainer, TrainerState } from '@gradstream/engine';
import type { Aside } from '@gradstream/protocol';
import { addTask, type Task } from './scheduler.ts';
import type { StageClock } from './stage-clock.ts';

/** Holds the source back while somebody needs time (an evaluation, a publisher behind, a readback). */
export class Pacer {
  private holds = 0;

  constructor(private readonly wake: () => void) {}

  get held(): boolean {
    return this.holds > 0;
  }

  /** How many hold it. */
  get busy(): number {
    return this.holds;
  }

  /** No batch is emitted until the returned function was called (calling it again does nothing). */
  hold(): () => void {
    this.holds++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.holds === 0) this.wake();
    };
  }

  /** Does work in small parts between the slices of all runs; the returned function cancels it. */
  slice(task: Task): () => void {
    return addTask(task).remove;
  }
}

/** What a source of batches shares with the stages below it. */
export interface Source {
  readonly pacer: Pacer;
  /** Root key of the run's seed. */
  readonly key: Key;
  /** Shape of one example and what is predicted. */
  readonly inputShape: readonly number[];
  readonly width: number;
  readonly firstStep: number;
  readonly totalSteps?: number;
  /** Batches emitted since one reached `optimize`. */
  unreached: number;
  /** Measures steps now and then, where `timings` asks for it. */
  clock?: StageClock;
}

/** What is said beside the numbers and was not heard yet, at most: where `asides` is missing nobody listens. */
const mostUnheard = 512;

let claims = 0;

/** Subscribes for `optimize`, so that the source below knows its batches are meant to be trained on. */
export function claiming<R>(subscribe: () => R): R {
  claims++;
  try {
    return subscribe();
  } finally {
    claims--;
  }
}

/** Whether the subscription under way was made by `optimize`. */
export const isClaimed = (): boolean => claims > 0;

/** How stages reach the run: an enumerable symbol, which a spread keeps and JSON leaves out. */
export const RUN: unique symbol = Symbol.for('gradstream.run');

/** What batches and their descriptions carry. */
export interface Sourced {
  readonly [RUN]: Source;
}

/** What events carry. */
export interface Live {
  readonly [RUN]: Run;
}

/** Part of a stage's memory that a checkpoint keeps: plain JSON. */
export type StageMemory = Readonly<Record<string, unknown>>;

/** A state that a run may go back to: finite throughout. */
export interface GoodState {
  readonly state: TrainerState;
  /** The step after which it was taken. */
  readonly step: number;
}

/**
 * One run, from its first batch to its last release. Weights are leased: RxJS tears down upstream first, so whoever still
 * needs them below (`keep`, an evaluation) holds a lease of its own.
 */
export class Run {
  /** Last step that was taken. */
  step = -1;
  /** Metrics that `metrics` was asked for; evaluations use the same. */
  metrics: readonly Metric[] = [];
  /** Steps at which every event so far must be out (evaluation boundaries), asked by lagging metrics. */
  readonly drainBefore: ((step: number) => boolean)[] = [];
  /** The last finite state, where a guard keeps one. */
  good?: GoodState;
  private frozen?: Run['progress'];
  private leases = 0;
  private unheard: Aside[] = [];
  private best?: { readonly weights: Weights; readonly step: number };
  private readonly memories = new Map<string, () => StageMemory>();

  constructor(
    readonly source: Source,
    readonly trainer: Trainer,
    private readonly restored: Readonly<Record<string, StageMemory>> = {},
  ) {}

  get pacer(): Pacer {
    return this.source.pacer;
  }

  /** Keeps the weights alive until the returned function was called. */
  lease(): () => void {
    this.leases++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.leases === 0) this.trainer.dispose();
    };
  }

  /** Says something beside the numbers; `asides` puts it into the stream behind the event of the step. */
  say(aside: Aside): void {
    this.unheard.push(aside);
    if (this.unheard.length > mostUnheard) this.unheard.shift();
  }

  /** What was said since the last call. */
  heard(): readonly Aside[] {
    if (this.unheard.length === 0) return this.unheard;
    const heard = this.unheard;
    this.unheard = [];
    return heard;
  }

  /** Makes the present weights the result, until better ones are nominated. */
  nominate(): void {
    this.best = { weights: this.trainer.evaluationWeights(), step: this.step };
  }

  /** Makes given weights the result (a resumed run's best so far). */
  adopt(weights: Weights, step: number): void {
    this.best = { weights, step };
  }

  get nominated(): { readonly weights: Weights; readonly step: number } | undefined {
    return this.best;
  }

  /** The nominated weights, or the present ones. */
  result(): Weights {
    return this.best?.weights ?? this.trainer.evaluationWeights();
  }

  /** Joins the checkpoint: `save` is asked when one is written; what an earlier run saved comes back. */
  remember(stage: string, save: () => StageMemory): StageMemory | undefined {
    this.memories.set(stage, save);
    return this.restored[stage];
  }

  /** What a checkpoint keeps beside the trainer's state. */
  get progress(): { readonly best?: { readonly weights: Weights; readonly step: number }; readonly memory: Readonly<Record<string, StageMemory>> } {
    return this.frozen ?? { ...(this.best ? { best: this.best } : {}), memory: this.memory() };
  }

  /**
   * What happens from here on happens since the run ends (an evaluation between two boundaries): it may decide the result, and a
   * run that goes on from the checkpoint must know nothing of it.
   */
  freeze(): void {
    this.frozen ??= this.progress;
  }

  private memory(): Readonly<Record<string, StageMemory>> {
    return Object.fromEntries([...this.memories].map(([stage, save]) => [stage, save()]));
  }
}
