import type { CommandBody, RunDetail, RunInfo, RunPatch, StreamEvent } from '@gradstream/protocol';
import type { Observable } from 'rxjs';

/** Points of one run that arrived together: row i stands at `step[i]` and at the time `wall[i]` (ms since 1970). */
export interface PointRows {
  readonly type: 'points';
  readonly run: string;
  readonly attempt: number;
  readonly step: Float64Array;
  readonly wall: Float64Array;
  /** A value for each row, or for the rows that `at` names. */
  readonly columns: readonly { readonly metric: string; readonly values: Float64Array; readonly at?: Uint32Array }[];
}

/**
 * The curve of one metric of a run as neighbouring points taken together, column by column, in order of steps: as
 * `SeriesAnswer` describes it. Extremes, means, firsts and lasts are NaN where no point of a bucket is a number.
 */
export type CurveBuckets = Buckets & { readonly run: string; readonly metric: string };
export type Buckets = { readonly [column in (typeof bucketColumns)[number]]: Float64Array };
export const bucketColumns = ['step0', 'step1', 'wall0', 'wall1', 'count', 'nan', 'min', 'max', 'mean', 'first', 'last'] as const;

/** A stretch of curves, both ends included, in at most so many buckets of equal width. Without ends it is the whole. Wall times are ms since 1970. */
export interface CurveWindow {
  readonly axis: 'step' | 'wall';
  readonly from?: number;
  readonly to?: number;
  readonly points: number;
}

/** What comes while somebody watches runs: what their logs hold, and how the line is. */
export type WatchEvent = PointRows | Exclude<StreamEvent, { type: 'points' | 'hb' }> | { readonly type: 'connection'; readonly state: 'live' | 'lost' };

/** Where runs are read from: a metrics server, or a stand-in. Every stream is cold. */
export interface RunSource {
  /** All runs, newest first. Emits once. */
  list(): Observable<readonly RunInfo[]>;
  /** The runs of which something was heard after a time (ms since 1970). Emits once. */
  recent(after: number): Observable<readonly RunInfo[]>;
  /** One run with its document; undefined where there is none. Emits once. */
  detail(id: string): Observable<RunDetail | undefined>;
  /**
   * Everything the logs of these runs hold, then whatever comes; reconnects by itself, without a gap or a repeat.
   *
   * @param since positions in the logs of some runs: their points up to there are left out
   */
  watch(ids: readonly string[], since?: ReadonlyMap<string, number>): Observable<WatchEvent>;
  /** Curves of some metrics of some runs, without those that have no point in the window. Emits once. */
  curves(ids: readonly string[], metrics: readonly string[], window: CurveWindow): Observable<readonly CurveBuckets[]>;
  /** Tells a run something while it trains. Completes when the server has taken it; what becomes of it comes through `watch`. */
  steer(id: string, command: CommandBody): Observable<never>;
  /** Changes tags, name or project. Completes when the server has taken it. */
  patch(id: string, change: RunPatch): Observable<never>;
  /** Deletes a run and all its points. Completes when it is gone. */
  remove(id: string): Observable<never>;
}
