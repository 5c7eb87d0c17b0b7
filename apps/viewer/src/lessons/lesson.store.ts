import type { RunInfo } from '@gradstream/protocol';
import { catchError, concat, defer, distinctUntilChanged, EMPTY, exhaustMap, filter, map, merge, mergeMap, of, type Observable, scan, share, switchMap, timer } from 'rxjs';
import type { RunSource } from '../server/source.ts';
import { type Store, storeOf } from '../view/store.ts';
import { type Measures, trainedRunsOf, verdictRunOf, withPoints } from './lesson.model.ts';

/** What is known of a recipe on this server. */
export interface LessonState {
  readonly status: 'loading' | 'ready' | 'unreachable';
  /** The run that holds its measures; absent where it was not run. */
  readonly verdict?: RunInfo;
  readonly measures: Measures;
  /** The runs that were trained for it. */
  readonly trained: readonly RunInfo[];
}

type Change = (state: LessonState) => LessonState;

const everyMs = 5_000;

/** Follows the newest run of a recipe while somebody looks; a newer one takes its place. */
export function lessonStore(source: RunSource, recipe: string, ticks$: Observable<unknown> = timer(0, everyMs)): Store<LessonState> {
  const initial: LessonState = { status: 'loading', measures: new Map(), trained: [] };
  return storeOf(initial, defer(() => {
    const lists$ = ticks$.pipe(exhaustMap(() => source.list().pipe(catchError(() => of(undefined)))), share());
    const listed$ = lists$.pipe(map((runs): Change => (state) => {
      if (!runs) return { ...state, status: 'unreachable' };
      const found = verdictRunOf(runs, recipe);
      const spec = found?.spec ?? (found?.id === state.verdict?.id ? state.verdict?.spec : undefined);
      return { ...state, status: 'ready', verdict: found && { ...found, spec }, trained: trainedRunsOf(runs, found?.tags['group'] ?? '') };
    }));
    const followed$ = lists$.pipe(
      filter((runs) => runs !== undefined),
      map((runs) => verdictRunOf(runs, recipe)?.id),
      distinctUntilChanged(),
      switchMap((id) => concat(of<Change>((state) => ({ ...state, measures: new Map() })), id === undefined ? EMPTY : follow(source, id))),
    );
    return merge(listed$, followed$).pipe(scan((state, change: Change) => change(state), initial));
  }));
}

/** A run's measures as they come, and its document: at once, and again whenever something of the run changes. */
function follow(source: RunSource, id: string): Observable<Change> {
  const document$ = source.detail(id).pipe(map((detail): Change => (state) => (detail ? { ...state, verdict: detail } : state)));
  const events$ = source.watch([id]).pipe(mergeMap((event): Observable<Change> => {
    if (event.type === 'points') return of((state) => ({ ...state, measures: withPoints(state.measures, event) }));
    return event.type === 'state' || event.type === 'config' ? document$ : EMPTY;
  }));
  return merge(document$, events$).pipe(catchError(() => EMPTY));
}
