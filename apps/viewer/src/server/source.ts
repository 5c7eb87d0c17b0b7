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
  /** Everything the logs of these runs hold, then whatever comes; reconnects by itself, without a gap or a repeat. */
  watch(ids: readonly string[]): Observable<WatchEvent>;
  /** Tells a run something while it trains. Completes when the server has taken it; what becomes of it comes through `watch`. */
  steer(id: string, command: CommandBody): Observable<never>;
  /** Changes tags, name or project. Completes when the server has taken it. */
  patch(id: string, change: RunPatch): Observable<never>;
  /** Deletes a run and all its points. Completes when it is gone. */
  remove(id: string): Observable<never>;
}
