import type { RunInfo } from '@gradstream/protocol';
import { catchError, exhaustMap, filter, fromEvent, map, merge, type Observable, of, scan, timer } from 'rxjs';
import type { RunSource } from '../server/source.ts';
import { type Store, storeOf } from '../view/store.ts';

/** The list of runs as it is known. */
export interface RunsState {
  readonly status: 'loading' | 'ready' | 'failed';
  /** The last list that came, also while asking fails. */
  readonly runs: readonly RunInfo[];
  /** When that was, ms since 1970; absent before the first. */
  readonly at?: number;
  readonly error?: string;
}

const everyMs = 2_000;

/** Asks again and again while somebody looks and the page is in sight; what it knew stays when asking fails. */
export function runsStore(source: RunSource, ticks$: Observable<unknown> = ticks()): Store<RunsState> {
  const initial: RunsState = { status: 'loading', runs: [] };
  return storeOf(initial, ticks$.pipe(
    exhaustMap(() => source.list().pipe(
      map((runs) => ({ status: 'ready', runs, at: Date.now() }) as const),
      catchError((error: unknown) => of({ status: 'failed', error: error instanceof Error ? error.message : String(error) } as const)),
    )),
    scan((before: RunsState, answer) => (answer.status === 'ready' ? answer : { ...before, ...answer }), initial),
  ));
}

const ticks = (): Observable<unknown> =>
  merge(timer(0, everyMs), fromEvent(document, 'visibilitychange')).pipe(filter(() => document.visibilityState === 'visible'));
