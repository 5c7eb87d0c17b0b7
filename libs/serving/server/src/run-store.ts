import type { Note, PointsAnswer, PointsBatch, RunDetail, RunList, RunPatch, RunPut, RunsQuery, SeriesAnswer, SeriesQuery } from '@gradstream/protocol';
import type { LogItem, NoteItem } from './log/item.ts';
import type { Retention, RetentionReport } from './log/retention.ts';

/** Where runs are kept: what the routes need, and nothing about how it is done. */
export interface RunStore {
  /** What keeps the runs, for people: `SQLite at …`. */
  readonly description: string;

  /** Runs: filtered, sorted (newest first, unless asked otherwise), by pages. */
  runs(query?: Partial<RunsQuery>): Promise<RunList>;
  run(id: string): Promise<RunDetail | undefined>;
  /** The projects that runs are in. */
  projects(): Promise<readonly string[]>;
  /** What a run is known by without its metrics; undefined where there is no such run. */
  peek(id: string): Promise<Pick<RunDetail, 'project' | 'controls'> | undefined>;

  /** Creates a run, or brings a known one up to date. */
  put(id: string, body: RunPut): Promise<{ readonly run: RunDetail; readonly created: boolean }>;
  /** @returns undefined where there is no such run */
  patch(id: string, body: RunPatch): Promise<RunDetail | undefined>;
  /** Says when a run was created and last heard of: for one that was elsewhere before. A store that takes in none has none. */
  date?(id: string, times: RunTimes): Promise<void>;
  /** @returns whether there was such a run */
  delete(id: string): Promise<boolean>;

  /**
   * Writes points at the end of a run's log. The answer comes when they are kept for good.
   *
   * @param frame the batch as it came, where it came as a frame: kept as it is when nothing in it is a repeat
   * @returns undefined where there is no such run
   */
  append(id: string, batch: PointsBatch, frame?: Uint8Array): Promise<PointsAnswer | undefined>;
  /** Writes anything else at the end of a run's log. @returns its position, undefined where there is no such run */
  note(id: string, note: Note): Promise<number | undefined>;
  /** Notes that the run is alive. */
  heartbeat(id: string): Promise<boolean>;

  /** The curve of a metric. @returns undefined where there is no such run */
  series(id: string, query: SeriesQuery): Promise<SeriesAnswer | undefined>;

  /** Position of the last entry that is kept for good; undefined where there is no such run. */
  head(id: string): Promise<number | undefined>;
  /** Entries of the log after a position, in order; at least one when there is any, and not many more than `maxPoints` points; a note counts as the points that are as long. */
  read(id: string, after: number, maxPoints: number): Promise<readonly LogItem[]>;

  /** The first notes of the log after a position. @returns undefined where there is no such run */
  notes(id: string, after: number, limit: number): Promise<readonly NoteItem[] | undefined>;

  /** Lets go of single points that are past their time; curves keep every extreme. @throws InputError where this kind of store cannot */
  retain(retention: Retention): Promise<RetentionReport>;

  /** A text that the server keeps beside the runs. */
  setting(name: string): Promise<string | undefined>;
  /** @param value undefined lets go of it */
  set(name: string, value: string | undefined): Promise<void>;

  /** Calls back after each commit that touched a run, and when a run appears or goes. @returns what ends it */
  watch(listener: (change: RunChange) => void): () => void;

  /** What the store depends on, where that can be away while the server is there. */
  health?(): Promise<Health>;

  close(): Promise<void>;
}

/** How the things are that a store depends on. */
export interface Health {
  readonly parts: readonly { readonly name: string; readonly up: boolean; readonly description: string }[];
  /** Numbers for `/metrics`, under `gradstream_` and their names. */
  readonly gauges: readonly { readonly name: string; readonly help: string; readonly value: number }[];
}

/** Which message of which publisher something came in: it is done once, however often it comes. */
export interface Origin {
  readonly writer: string;
  readonly seq: number;
}

/** A store that several servers write to. */
export interface SharedRunStore extends RunStore {
  put(id: string, body: RunPut, origin?: Origin): ReturnType<RunStore['put']>;
  patch(id: string, body: RunPatch, origin?: Origin): ReturnType<RunStore['patch']>;
  note(id: string, note: Note, origin?: Origin): ReturnType<RunStore['note']>;
  /** Shares the numbers below `n` out among the servers, and tells which this one holds. */
  share(n: number, changed: (held: ReadonlySet<number>) => void): { close(): Promise<void> };
}

/** When a run was created, and last heard of; ms since 1970. */
export interface RunTimes {
  readonly created?: number;
  readonly heartbeat?: number;
}

export interface RunChange {
  readonly run: string;
  readonly kind: 'created' | 'log' | 'deleted';
  /** For `log`: the position after which something is new, where that is known. */
  readonly after?: number;
}
