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
/** The whole list is read again this often: it shows what was deleted or lost elsewhere. Between, only what was heard of. */
const wholeMs = 30_000;

type Answer = { readonly whole?: readonly RunInfo[]; readonly recent?: readonly RunInfo[]; readonly error?: string };

/** Asks again and again while somebody looks and the page is in sight; what it knew stays when asking fails. */
export function runsStore(source: RunSource, ticks$: Observable<unknown> = ticks(), now: () => number = Date.now): Store<RunsState> {
  const initial: RunsState = { status: 'loading', runs: [] };
  let wholeAt = -Infinity;
  let heard = 0;
  const ask = (): Observable<Answer> => {
    const whole = now() - wholeAt >= wholeMs;
    const asked$ = whole ? source.list().pipe(map((runs): Answer => ({ whole: runs }))) : source.recent(heard).pipe(map((runs): Answer => ({ recent: runs })));
    return asked$.pipe(
      map((answer) => {
        if (whole) wholeAt = now();
        for (const { heartbeat } of answer.whole ?? answer.recent ?? []) heard = Math.max(heard, heartbeat);
        return answer;
      }),
      catchError((error: unknown) => of({ error: error instanceof Error ? error.message : String(error) })),
    );
  };
  return storeOf(initial, ticks$.pipe(
    exhaustMap(ask),
    scan((before: RunsState, { whole, recent, error }): RunsState => {
      if (error !== undefined) {
        // Who was away for a while begins with the whole list.
        wholeAt = -Infinity;
        return { ...before, status: 'failed', error };
      }
      return { status: 'ready', runs: whole ?? withRecent(before.runs, recent ?? []), at: now() };
    }, initial),
  ));
}

/** A list with some runs brought up to date and new ones in front; the same list where there are none. */
export function withRecent(runs: readonly RunInfo[], recent: readonly RunInfo[]): readonly RunInfo[] {
  if (recent.length === 0) return runs;
  const byId = new Map(recent.map((run) => [run.id, run]));
  const kept = runs.map((run) => {
    const newer = byId.get(run.id);
    byId.delete(run.id);
    return newer ?? run;
  });
  return [...[...byId.values()].sort((a, b) => b.created - a.created), ...kept];
}

const ticks = (): Observable<unknown> =>
  merge(timer(0, everyMs), fromEvent(document, 'visibilitychange')).pipe(filter(() => document.visibilityState === 'visible'));
