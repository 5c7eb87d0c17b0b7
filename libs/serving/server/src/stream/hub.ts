import { formatCursor, type Cursor, type StreamQuery } from '@gradstream/protocol';
import type { RunChange, RunStore } from '../run-store.ts';
import { eventsOf, wireForms, type Filter } from './events.ts';

/** Points that are read and written at a time: what a slow reader keeps in memory, at most. */
const pointsPerFrame = 20_000;

/** Runs that a cursor names, at most: a stream of more sends none, and its reader puts one together from what it got. */
export const mostInCursor = 100;

/** What a subscription is sent. */
export interface Wanted {
  readonly filter: Filter;
  readonly format: StreamQuery['format'];
  /** The same for all who are sent the same. */
  readonly name: string;
}

/** A piece of a stream, ready to be written, and where its run then stands. */
export interface StreamFrame {
  readonly bytes: Buffer;
  readonly lsn: number;
  readonly events: number;
}

/**
 * Wakes subscriptions when their runs' logs grow, on a shared beat, so that subscribers who stand at the same place
 * get the same bytes: read once, serialised once.
 */
export class Hub {
  private readonly watchers = new Set<(change: RunChange) => void>();
  private readonly beats = new Map<number, { readonly callbacks: Set<() => void>; timer?: NodeJS.Timeout; last: number }>();
  private readonly frames = new Map<string, { readonly version: number; readonly frame: Promise<StreamFrame | undefined> }>();
  private readonly versions = new Map<string, number>();
  private readonly leave: () => void;

  constructor(private readonly store: RunStore) {
    this.leave = store.watch((change) => {
      this.versions.set(change.run, (this.versions.get(change.run) ?? 0) + 1);
      for (const wake of this.watchers) wake(change);
    });
  }

  close(): void {
    this.leave();
    for (const { timer } of this.beats.values()) clearTimeout(timer);
  }

  /** Calls back whenever anything happens to any run. */
  watch(wake: (change: RunChange) => void): () => void {
    this.watchers.add(wake);
    return () => void this.watchers.delete(wake);
  }

  /**
   * Calls back at the next beat of so many ms: beats begin at least so far apart, whatever time they take, and after a
   * silence the first one comes at once (with what else comes within a tenth of that time).
   */
  onBeat(every: number, callback: () => void): void {
    const beat = this.beats.get(every) ?? { callbacks: new Set(), last: -Infinity };
    this.beats.set(every, beat);
    beat.callbacks.add(callback);
    beat.timer ??= setTimeout(() => {
      const due = [...beat.callbacks];
      beat.callbacks.clear();
      delete beat.timer;
      beat.last = performance.now();
      for (const each of due) each();
    }, Math.max(every / 10, beat.last + every - performance.now()));
  }

  /**
   * What follows a position in a run's log, as bytes; undefined when nothing does.
   *
   * @param among where the subscription's other runs stand, where it has several: then the bytes are its own
   */
  frame(run: string, after: number, { filter, format, name }: Wanted, among?: Cursor): Promise<StreamFrame | undefined> {
    if (among) return this.read(run, after, filter, format, among);
    const key = `${run} ${after} ${name}`;
    const version = this.versions.get(run) ?? 0;
    const known = this.frames.get(key);
    if (known?.version === version) return known.frame;
    const frame = this.read(run, after, filter, format);
    this.frames.set(key, { version, frame });
    if (this.frames.size > 64) this.frames.delete(this.frames.keys().next().value!);
    return frame;
  }

  private async read(run: string, after: number, filter: Filter, format: StreamQuery['format'], among?: Cursor): Promise<StreamFrame | undefined> {
    const items = await this.store.read(run, after, pointsPerFrame);
    if (items.length === 0) return undefined;
    const events = eventsOf(run, items, filter);
    const named = format === 'sse' && (among?.size ?? 0) <= mostInCursor;
    const text = events.map(({ event, lsn }) => wireForms[format].write(event, named ? formatCursor(new Map(among ?? []).set(run, lsn)) : undefined));
    return { bytes: Buffer.from(text.join('')), lsn: items.at(-1)!.lsn[1], events: events.length };
  }
}
