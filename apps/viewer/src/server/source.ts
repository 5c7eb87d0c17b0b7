import type { RunDetail, RunInfo, StreamEvent } from '@gradstream/protocol';
import type { Observable } from 'rxjs';

/** What comes while somebody watches runs: what their logs hold, and how the line is. */
export type WatchEvent = StreamEvent | { readonly type: 'connection'; readonly state: 'live' | 'lost' };

/** Where runs are read from: a metrics server, or a stand-in. Every stream is cold. */
export interface RunSource {
  /** All runs, newest first. Emits once. */
  list(): Observable<readonly RunInfo[]>;
  /** One run with its document. Emits once; fails with `NoSuchRun` for an unknown one. */
  detail(id: string): Observable<RunDetail>;
  /** Everything the logs of these runs hold, then whatever comes; reconnects by itself, without a gap or a repeat. */
  watch(ids: readonly string[]): Observable<WatchEvent>;
}

export class NoSuchRun extends Error {
  override readonly name = 'NoSuchRun';
}
