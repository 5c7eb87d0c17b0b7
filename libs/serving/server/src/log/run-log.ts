import { decodeFrame, encodePoints, pointCount, unpackPoints, type Column, type Note, type PointsAnswer, type PointsBatch } from '@gradstream/protocol';
import type { Backing, StoredRun, StoredSeries } from '../backing/backing.ts';
import { summariesOf, type Summary } from './describe.ts';
import { spanOf, weightOf, type LogItem, type PointsItem, type Rows } from './item.ts';
import { pointsOfSeries, rises, type RunRows } from './raw-points.ts';
import { emptySeries, extendSeries } from './series-state.ts';
import { Writers } from './writers.ts';

/** Metrics that one run may have. */
export const maxMetrics = 10_000;

/** A series as it is now, and as it was when its last segment was sealed. */
export interface LiveSeries {
  readonly now: StoredSeries;
  sealed: StoredSeries;
}

/** An accepted batch, to be kept. */
export interface Accepted {
  readonly answer: PointsAnswer;
  /** Absent when every point in it was known. */
  readonly frame?: Uint8Array;
  /** Whether the batch is new though its points were there before: its number is to be remembered. */
  readonly unknown?: boolean;
}

/**
 * One run in memory: what it says of itself, the summaries of its metrics, and the tail of its log, from the first
 * position that stands in no segment.
 */
export class RunLog {
  /** Last position given out, and last one kept for good. */
  head: number;
  committed: number;
  /** Positions `base + 1` to `head`, one item each. */
  readonly tail: LogItem[] = [];
  base: number;
  /** Rows in the tail. */
  tailRows = 0;
  /** Segments so far. */
  segments: number;
  /** Set when the run is deleted, or memory is ahead of what could be kept: nothing more may be written. */
  closed = false;
  readonly writers: Writers;
  private readonly series = new Map<number, Map<string, LiveSeries>>();
  private seriesCount = 0;
  private summed: Summary | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  readonly stored: StoredRun;

  private constructor(private readonly backing: Backing, kept: StoredRun, lastNote: number) {
    const stored = structuredClone(kept);
    this.stored = stored;
    this.base = stored.sealed;
    this.segments = stored.segments;
    this.head = this.committed = Math.max(stored.sealed, lastNote);
    this.writers = new Writers(stored.writers);
  }

  static create(backing: Backing, stored: StoredRun): RunLog {
    return new RunLog(backing, stored, 0);
  }

  /**
   * Brings a run back from what was kept: its segments' summaries, then its journal.
   *
   * @param view where to read it from, when not from the backing itself: one moment's view of that
   */
  static async load(backing: Backing, stored: StoredRun, view: Pick<Backing, 'series' | 'notes' | 'journal' | 'lastNote'> = backing): Promise<RunLog> {
    const log = new RunLog(backing, stored, await view.lastNote(stored.id));
    for (const sealed of await view.series(stored.id)) log.adopt({ now: structuredClone(sealed), sealed });
    log.enter(await view.notes(stored.id, stored.sealed, Infinity), await view.journal(stored.id));
    return log;
  }

  /** Takes in what other servers wrote after `head`, and what the run says of itself since then. */
  follow(stored: StoredRun, notes: readonly { readonly lsn: number; readonly note: Note }[], journal: readonly { readonly lsn: number; readonly frame: Uint8Array }[]): void {
    const { attempt } = this.stored;
    Object.assign(this.stored, { reason: undefined }, structuredClone(stored));
    this.stored.attempt = Math.max(attempt, stored.attempt);
    this.enter(notes, journal);
  }

  /** One after another, for what must not see half of another's work. */
  exclusively<T>(work: () => Promise<T> | T): Promise<T> {
    const mine = this.turn.then(() => {
      if (this.closed) throw new Error(`run ${this.stored.id}: its log was closed while this waited`);
      return work();
    });
    this.turn = mine.catch(() => {});
    return mine;
  }

  /** Gives a batch its place in the log. To be called exclusively. */
  async accept(batch: PointsBatch, now: number, frame?: Uint8Array): Promise<Accepted> {
    const seen = this.writers.seen(batch.writer, batch.seq);
    if (seen !== undefined) return { answer: { lsn: seen, accepted: 0, duplicate: pointCount(batch), conflict: 0, rejected: [] } };
    const answer: PointsAnswer = { lsn: this.head, accepted: 0, duplicate: 0, conflict: 0, rejected: [] };
    const kept = await this.newPoints(batch, answer);
    this.stored.duplicates += answer.duplicate;
    this.stored.conflicts += answer.conflict;
    this.stored.heartbeat = now;
    if (kept.columns.length === 0) {
      // What was only refused is refused again whenever it comes.
      if (answer.duplicate + answer.conflict === 0) return { answer };
      this.writers.add(batch.writer, batch.seq, this.head);
      return { answer, unknown: true };
    }
    this.head += 1;
    answer.lsn = this.head;
    answer.accepted = pointCount(kept);
    const item = this.item(kept, this.head);
    this.take(item);
    this.writers.add(batch.writer, batch.seq, this.head);
    this.tail.push(item);
    this.tailRows += kept.step.length;
    return { answer, frame: kept === batch && frame ? frame : encodePoints(kept) };
  }

  /** Gives a note its place in the log. */
  note(note: Note, now: number): number {
    this.head += 1;
    this.tail.push({ kind: 'note', lsn: [this.head, this.head], note });
    this.stored.heartbeat = now;
    return this.head;
  }

  /** Items of the tail after a position (not before `base`) that are kept for good. */
  after(lsn: number, maxPoints: number): LogItem[] {
    const items: LogItem[] = [];
    for (let i = lsn - this.base, points = 0; i < this.committed - this.base && (points < maxPoints || items.length === 0); i += 1) {
      const item = this.tail[i];
      items.push(item);
      points += item.kind === 'note' ? weightOf(item.note) : item.kind === 'points' ? pointCount(item) : 1;
    }
    return items;
  }

  find(attempt: number, metric: string): LiveSeries | undefined {
    return this.series.get(attempt)?.get(metric);
  }

  /** Every attempt's series of a metric, first attempt first. */
  attemptsOf(metric: string): LiveSeries[] {
    return [...this.series].sort(([a], [b]) => a - b).flatMap(([, metrics]) => metrics.get(metric) ?? []);
  }

  /** The summaries of its metrics: the same object until points are written. */
  summary(): Summary {
    return (this.summed ??= summariesOf([...this.series.values()].flatMap((metrics) => [...metrics.values()].map(({ now }) => now))));
  }

  /** Every series as it was when its last segment was sealed. */
  allSealed(): StoredSeries[] {
    return [...this.series.values()].flatMap((metrics) => [...metrics.values()].map(({ sealed }) => sealed));
  }

  /** Where the points are that are kept for good. */
  rows(): RunRows {
    return { run: this.stored.id, base: this.base, tail: this.tail.slice(0, this.committed - this.base).filter((item) => item.kind === 'points') };
  }

  /** What is kept of the run, as it is now. */
  snapshot(): StoredRun {
    return structuredClone({ ...this.stored, segments: this.segments, writers: this.writers.stored() });
  }

  /** Takes over what was kept of some series when points were sealed or expired. */
  adoptSealed(series: readonly StoredSeries[]): void {
    for (const record of series) {
      const live = this.find(record.attempt, record.metric)!;
      live.sealed = record;
      live.now.levels = record.levels;
      live.now.expired = record.expired;
      live.now.ragged = record.ragged;
    }
  }

  /** Forgets the first items of the tail, which now stand in a segment. */
  sealed(through: number, series: readonly StoredSeries[]): void {
    this.adoptSealed(series);
    for (const item of this.tail.splice(0, through - this.base)) if (item.kind === 'points') this.tailRows -= item.step.length;
    this.base = through;
  }

  /** Puts what is kept after `head` into the tail. */
  private enter(notes: readonly { readonly lsn: number; readonly note: Note }[], journal: readonly { readonly lsn: number; readonly frame: Uint8Array }[]): void {
    const points = journal.map(({ lsn, frame }) => {
      const batch = unpackPoints(decodeFrame(frame)!);
      const item = this.item(batch, lsn);
      this.take(item);
      this.writers.add(batch.writer, batch.seq, lsn);
      this.tailRows += batch.step.length;
      return item;
    });
    const items = [...notes.map(({ lsn, note }): LogItem => ({ kind: 'note', lsn: [lsn, lsn], note })), ...points].sort((a, b) => a.lsn[0] - b.lsn[0]);
    for (const item of items) this.tail.push(item);
    this.head = this.committed = Math.max(this.head, this.tail.at(-1)?.lsn[0] ?? 0);
  }

  private item(batch: PointsBatch, lsn: number): PointsItem {
    return { kind: 'points', lsn: [lsn, lsn], attempt: batch.attempt, step: batch.step, wall: wallOf(batch), columns: batch.columns, span: spanOf(batch.step) };
  }

  private adopt(live: LiveSeries): void {
    const { attempt, metric } = live.now;
    if (!this.series.has(attempt)) this.series.set(attempt, new Map());
    this.series.get(attempt)!.set(metric, live);
    this.seriesCount = Math.max(this.seriesCount, live.now.no + 1);
    this.stored.attempt = Math.max(this.stored.attempt, attempt);
  }

  private findOrCreate(attempt: number, metric: string): LiveSeries | undefined {
    const known = this.find(attempt, metric);
    if (known || (this.series.get(attempt)?.size ?? 0) >= maxMetrics) return known;
    const live = { now: emptySeries(this.seriesCount, attempt, metric), sealed: emptySeries(this.seriesCount, attempt, metric) };
    this.adopt(live);
    return live;
  }

  /** Takes points into the summaries. */
  private take({ attempt, step, wall, columns }: Rows): void {
    this.summed = undefined;
    for (const column of columns) extendSeries(this.findOrCreate(attempt, column.metric)!.now, column, step, wall);
  }

  /** What of a batch is not known yet; the batch itself where that is all of it. */
  private async newPoints(batch: PointsBatch, answer: PointsAnswer): Promise<PointsBatch> {
    const rising = rises(batch.step);
    const columns: Column[] = [];
    for (const column of batch.columns) {
      if (column.values.length === 0) continue;
      const series = this.findOrCreate(batch.attempt, column.metric);
      if (!series) answer.rejected.push({ metric: column.metric, reason: `a run may have at most ${maxMetrics} metrics` });
      else if (batch.step[column.at ? column.at[0] : 0] > series.now.lastStep && (rising || (column.at && rises(Float64Array.from(column.at, (row) => batch.step[row]))))) columns.push(column);
      else columns.push(...(await this.withoutRepeats(column, batch, series.now, answer)));
    }
    return columns.length === batch.columns.length && columns.every((column, i) => column === batch.columns[i]) ? batch : { ...batch, columns };
  }

  /** The slow way, for steps that may be known: looks each of them up. */
  private async withoutRepeats(column: Column, { step }: PointsBatch, series: StoredSeries, answer: PointsAnswer): Promise<Column[]> {
    const rows = column.at ?? Uint32Array.from(column.values, (_, i) => i);
    const steps = Float64Array.from(rows, (row) => step[row]);
    const from = steps.reduce((a, b) => Math.min(a, b), Infinity);
    const to = steps.reduce((a, b) => Math.max(a, b), -Infinity);
    const here = { run: this.stored.id, base: this.base, tail: this.tail.filter((item) => item.kind === 'points') };
    const known = from > series.lastStep ? new Map<number, number>() : (await pointsOfSeries(this.backing, here, series, from, to)).byStep();
    const fresh = [...rows.keys()].filter((i) => {
      const before = known.get(steps[i]);
      const isNew = !known.has(steps[i]);
      const isRepeat = !isNew && Object.is(before, column.values[i]);
      if (isRepeat) answer.duplicate += 1;
      else if (!isNew) answer.conflict += 1;
      known.set(steps[i], column.values[i]);
      return !isRepeat;
    });
    if (fresh.length === rows.length) return [column];
    return fresh.length === 0 ? [] : [{ metric: column.metric, at: Uint32Array.from(fresh, (i) => rows[i]), values: Float64Array.from(fresh, (i) => column.values[i]) }];
  }
}

function wallOf({ t0, dt }: PointsBatch): Float64Array {
  const wall = new Float64Array(dt.length);
  for (let i = 0; i < wall.length; i += 1) wall[i] = t0 + dt[i];
  return wall;
}
