import type { Controls, Note } from '@gradstream/protocol';
import type { Axis } from '../log/buckets.ts';
import type { Rows } from '../log/item.ts';

export type Awaitable<T> = T | Promise<T>;

/** What is kept of a run besides its log. */
export interface StoredRun {
  readonly id: string;
  project: string;
  name: string;
  state: 'running' | 'paused' | 'finished' | 'failed' | 'stopped';
  reason?: string;
  created: number;
  heartbeat: number;
  tags: Record<string, string>;
  spec?: Record<string, unknown>;
  controls?: Controls;
  attempt: number;
  duplicates: number;
  conflicts: number;
  /** Last position that stands in a segment; points after it are in the journal. */
  sealed: number;
  /** Segments so far. */
  segments: number;
  /** Last position whose points are gone: its notes and the pyramids stay. Absent while nothing is. */
  expired?: number;
  /** Writers whose batches were sealed: all their numbers up to `through`, and the listed ones after it. */
  writers: Record<string, { through: number; lsn: number; beyond: number[] }>;
}

/** One metric of one attempt: its summary, and how far its pyramid goes. */
export interface StoredSeries {
  /** Number within the run. */
  readonly no: number;
  readonly attempt: number;
  readonly metric: string;
  count: number;
  nan: number;
  min: number;
  max: number;
  /** Lowest and highest step; value at the highest. */
  firstStep: number;
  lastStep: number;
  last: number;
  lastWall: number;
  /** Whether some segment brought a step or a clock from before the end of an earlier one: its curve is read from the points. */
  ragged: boolean;
  /** Buckets at each level of the pyramid. */
  levels: number[];
  /** Buckets of the lowest level whose points are gone, and the highest step among these. */
  expired?: { readonly buckets: number; readonly step: number };
}

/** Rows that left the journal, packed by column. */
export interface StoredSegment {
  /** Number within the run. */
  readonly no: number;
  readonly attempt: number;
  readonly lsn: readonly [number, number];
  readonly step: readonly [number, number];
  /** Rows that each position from lsn[0] to lsn[1] brought (0 for a note). */
  readonly counts: Uint32Array;
}

/** Buckets 64·no to 64·no + 63 of a level. */
export interface StoredBlock {
  readonly series: number;
  readonly level: number;
  readonly no: number;
  readonly rows: Float64Array;
}

/** One change, all of a commit's or none. */
export type Write =
  | { readonly type: 'run'; readonly run: StoredRun }
  | { readonly type: 'delete'; readonly run: string }
  | { readonly type: 'points'; readonly run: string; readonly lsn: number; readonly frame: Uint8Array }
  | { readonly type: 'note'; readonly run: string; readonly lsn: number; readonly note: Note }
  | { readonly type: 'seal'; readonly run: StoredRun; readonly segment: StoredSegment; readonly rows: Rows; readonly series: readonly StoredSeries[]; readonly blocks: readonly StoredBlock[] }
  /** Segments with numbers below `before` go; `series` and `blocks` are what stands in for them. */
  | { readonly type: 'expire'; readonly run: StoredRun; readonly before: number; readonly series: readonly StoredSeries[]; readonly blocks: readonly StoredBlock[] }
  /** A text that the server keeps beside the runs, by name; without a value it goes. */
  | { readonly type: 'setting'; readonly name: string; readonly value?: string };

/**
 * Keeps what a log store writes, and gives it back. It knows nothing of dedupe, of subscribers or of curves.
 * Reads see every commit that was answered.
 */
export interface Backing {
  readonly description: string;
  /** Whether points may expire here. Default true. */
  readonly expires?: boolean;
  /** All runs, in order of creation. */
  runs(): Awaitable<readonly StoredRun[]>;
  series(run: string): Awaitable<readonly StoredSeries[]>;
  /** Every sealed series of a metric, with its run. */
  seriesOf(metric: string): Awaitable<readonly { readonly run: string; readonly series: StoredSeries }[]>;
  /** Frames of the journal, by position. */
  journal(run: string): Awaitable<readonly { readonly lsn: number; readonly frame: Uint8Array }[]>;
  /** Runs that have anything in the journal. */
  unsealed(): Awaitable<readonly string[]>;
  /** Notes after one position up to another, by position; the first `limit` of them, or more where that is as cheap. */
  notes(run: string, after: number, through: number, limit?: number): Awaitable<readonly { readonly lsn: number; readonly note: Note }[]>;
  /** Highest position of a note; 0 when there is none. */
  lastNote(run: string): Awaitable<number>;
  /** The first segments after a position, by position. */
  segmentsAfter(run: string, lsn: number, limit: number): Awaitable<readonly StoredSegment[]>;
  /** Segments of an attempt that have a step in the range. */
  segmentsOver(run: string, attempt: number, from: number, to: number): Awaitable<readonly StoredSegment[]>;
  /** Rows of a segment, with all columns or with one. Columns carry the metric names of `series`. */
  rows(run: string, segment: number, series?: number): Awaitable<Rows>;
  /** Blocks of a level that reach into a range of the axis, lowest first: their numbers and lengths. */
  blocksOver(run: string, series: number, level: number, axis: Axis, from: number, to: number): Awaitable<readonly { readonly no: number; readonly n: number }[]>;
  /** Buckets of the blocks from one number through another, block by block: to be read, not to be changed. */
  blocks(run: string, series: number, level: number, first: number, through: number): Awaitable<readonly Float64Array[]>;
  /** Texts that the server keeps beside the runs, by name. */
  settings(): Awaitable<ReadonlyMap<string, string>>;
  /** Bytes that everything takes, without what deleted rows left free; absent where that is not known. */
  bytes?(): Awaitable<number>;
  /** Resolves when everything is kept for good; rejects when nothing of it is. One call at a time; points come by themselves. */
  commit(writes: readonly Write[]): Promise<void>;
  /** Commits a seal while points are committed. A backing that cannot has none. */
  sealAside?(seal: Extract<Write, { type: 'seal' }>): Promise<void>;
  close(): Promise<void>;
}
