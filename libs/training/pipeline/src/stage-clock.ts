import type { StepPart } from '@gradstream/engine';

/** What the time of a step goes to; `rest` is operators between the stages and whatever listens to events. */
export type TimedPart = StepPart | 'augment' | 'metrics' | 'rest';

/** Where the time of one step went, ms. */
export interface Measured {
  readonly step: number;
  readonly wall: number;
  readonly spent: Readonly<Partial<Record<TimedPart, number>>>;
  /** Batches that were ready when this one was asked for, where they are made ahead. */
  readonly queued?: number;
  /** Steps and time since the measured step before; absent for the first. */
  readonly since?: { readonly steps: number; readonly ms: number };
}

/** Grows from one measured step to the next at most by this factor, so that a first slow step does not decide. */
const GROWTH = 4;

/**
 * Measures one step now and then. Of the others it only counts: no clock is read for them, and how many there are between
 * two measured ones follows from how long those lay apart.
 */
export class StageClock {
  /** Ends a part of the step under way; absent while it is not measured. */
  lap?: (part: TimedPart) => void;
  private left = 1;
  private every = 1;
  private before?: number;
  private last = 0;
  private queued?: number;
  private spent: Partial<Record<TimedPart, number>> = {};
  private taken?: Measured;

  /**
   * @param everyMs about so far apart measured steps lie
   * @param now milliseconds from anywhere
   */
  constructor(private readonly everyMs: number, private readonly now: () => number = () => performance.now()) {}

  /** A batch is asked for. */
  begin(maker: { queued?(): number }): void {
    if (--this.left > 0) return;
    this.spent = {};
    this.queued = maker.queued?.();
    this.lap = this.count;
    this.last = this.now();
  }

  /** Everything that was to be done with the batch is done. */
  end(step: number): void {
    if (!this.lap) return;
    this.lap('rest');
    this.lap = undefined;
    const { before, last, every, spent, queued } = this;
    const since = before === undefined ? undefined : { steps: every, ms: last - before };
    this.before = last;
    if (since) this.every = Math.max(1, Math.min(GROWTH * every, Math.round((every * this.everyMs) / Math.max(since.ms, 1e-3))));
    this.left = this.every;
    // A batch that was filtered out took no step.
    if (spent.metrics !== undefined) this.taken = { step, wall: Date.now(), spent, ...(queued === undefined ? {} : { queued }), ...(since ? { since } : {}) };
  }

  /** The last measured step, once. */
  take(): Measured | undefined {
    const { taken } = this;
    this.taken = undefined;
    return taken;
  }

  private readonly count = (part: TimedPart): void => {
    const now = this.now();
    this.spent[part] = (this.spent[part] ?? 0) + now - this.last;
    this.last = now;
  };
}
