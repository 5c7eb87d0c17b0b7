import type { RunDetail, RunState } from '@gradstream/protocol';
import { asyncScheduler, catchError, concat, connect, defer, exhaustMap, from, groupBy, ignoreElements, map, merge, mergeMap, type Observable, of, retry, startWith, Subject, switchMap, tap, throttleTime, throwError, timer, toArray } from 'rxjs';
import type { RunSource, WatchEvent } from '../server/source.ts';
import { type Store, storeOf } from '../view/store.ts';
import { RunAsides } from './asides.ts';
import { overviewBuckets } from './large-metric.ts';
import { largeRuns, pointsInFull, pointsOfRun } from './large-runs.model.ts';
import { RunCurves } from './run-curves.ts';

/** A run that is watched. */
export interface WatchedRun {
  readonly id: string;
  readonly curves: RunCurves;
  /** Distributions, images and remarks. */
  readonly asides: RunAsides;
  /** Absent until the server has said what it knows. */
  readonly detail?: RunDetail;
  /** Whether it has too many points for the page, which draws it from buckets then. */
  readonly large: boolean;
  readonly state: RunState | 'loading' | 'missing';
  readonly reason?: string;
  /** Hyper-parameters that were touched while the run went on. */
  readonly touches: readonly { readonly step: number; readonly label: string }[];
  /** Whether it was told to pause and did. */
  readonly paused: boolean;
  /** Commands that the run has not answered yet. */
  readonly waiting: readonly string[];
  /** Why the last command was not carried out. */
  readonly refusal?: string;
}

/** All that React needs to know of the watched runs; points stay in the curves. */
export interface Watched {
  readonly runs: readonly WatchedRun[];
  readonly connection: 'connecting' | 'live' | 'lost';
  /** When the line broke, ms since 1970. */
  readonly lostAt?: number;
  /** Why the server does not let these runs be watched. */
  readonly failure?: string;
}

/** Nobody can follow more often, and React is spared the rest. */
const summaryMs = 250;
const retryMs = 2_000;
/** Points that may come to a large run before it gets another overview. */
const mostSince = 50_000;

/** Follows some runs while somebody looks. */
export function watchRuns(source: RunSource, ids: readonly string[], now: () => number = Date.now): Store<Watched> {
  const initial: Watched = { runs: ids.map((id) => ({ id, curves: new RunCurves(), asides: new RunAsides(), large: false, state: 'loading', touches: [], paused: false, waiting: [] })), connection: 'connecting' };
  return storeOf(initial, defer(() => {
    let watched: Watched = { ...initial, runs: initial.runs.map((run) => ({ ...run, curves: new RunCurves(), asides: new RunAsides() })) };
    const change = (id: string, part: (run: WatchedRun) => Partial<WatchedRun>) => {
      watched = { ...watched, runs: watched.runs.map((run) => (run.id === id ? { ...run, ...part(run) } : run)) };
    };
    const details$ = from(ids).pipe(
      mergeMap((id) => source.detail(id).pipe(
        tap((detail) => change(id, () => ({ detail, state: detail?.state ?? 'missing', reason: detail?.reason }))),
        retry({ delay: retryMs }),
      )),
    );
    const curvesOf = (id: string) => watched.runs.find((run) => run.id === id)!.curves;
    /** Puts an overview in the place of a run's points, or of what it had for an overview. */
    const condense = ({ id, summary, attempt }: RunDetail): Observable<undefined> => source.curves([id], Object.keys(summary), { axis: 'step', points: overviewBuckets }).pipe(tap((curves) => {
      curvesOf(id).condense(curves, attempt, (metric) => summary[metric]?.step ?? -1);
      change(id, () => ({ large: true }));
      curvesOf(id).tell();
    }), map(() => undefined));
    /** Runs that grew too large while they were watched. */
    const crowded$ = new Subject<string>();
    const condensed$ = crowded$.pipe(groupBy((id) => id), mergeMap((same$) => same$.pipe(exhaustMap((id) => source.detail(id).pipe(
      mergeMap((detail) => (detail ? condense(detail) : of(undefined))),
      // What came is drawn all the same; the points to come ask again.
      catchError(() => timer(retryMs).pipe(ignoreElements())),
    )))));
    const review = () => {
      if (watched.runs.reduce((held, { curves }) => held + curves.held, 0) > pointsInFull) for (const { id } of largeRuns(watched.runs, ({ curves }) => curves.held)) crowded$.next(id);
      for (const { id, curves, large } of watched.runs) if (curves.outdated || (large && curves.held > mostSince)) crowded$.next(id);
    };
    const start = (details: readonly (RunDetail | undefined)[]) => {
      const large = largeRuns(details.filter((detail) => detail !== undefined), pointsOfRun);
      return merge(source.watch(ids, new Map(large.map(({ id, lsn }) => [id, lsn]))), ...large.map(condense));
    };
    const events$ = defer(() => {
      // Watching anew begins at the beginning.
      if (watched.failure !== undefined) watched = { ...watched, runs: watched.runs.map((run) => ({ ...run, curves: new RunCurves(), asides: new RunAsides(), large: false, touches: [] })) };
      return details$.pipe(connect((shared$) => merge(shared$.pipe(map(() => undefined)), shared$.pipe(toArray(), switchMap(start)))));
    }).pipe(tap((event) => {
      if (!event) return;
      if (event.type === 'connection') watched = { ...watched, connection: event.state, lostAt: event.state === 'live' ? undefined : (watched.lostAt ?? now()), ...(event.state === 'live' ? { failure: undefined } : {}) };
      else take(event, watched.runs.find(({ id }) => id === event.run), change);
      if (event.type === 'points') review();
    }), catchError((error: Error) => {
      watched = { ...watched, connection: 'lost', lostAt: watched.lostAt ?? now(), failure: error.message };
      return concat(of(watched), throwError(() => error));
    }), retry({ delay: retryMs }));
    return merge(events$, condensed$).pipe(
      map(() => watched),
      startWith(watched),
      throttleTime(summaryMs, asyncScheduler, { leading: true, trailing: true }),
      map(() => watched),
      // A fresh object each time: the curves inside have grown even where nothing else changed.
      map((state) => ({ ...state })),
    );
  }));
}

function take(event: Exclude<WatchEvent, { type: 'connection' }>, run: WatchedRun | undefined, change: (id: string, part: (run: WatchedRun) => Partial<WatchedRun>) => void): void {
  if (!run) return;
  if (event.type === 'points') {
    const { step, wall, columns, attempt } = event;
    const rows = (of: Float64Array, at: Uint32Array | undefined) => (at ? Float64Array.from(at, (row) => of[row]) : of);
    for (const { metric, values, at } of columns) run.curves.addAll(metric, rows(step, at), rows(wall, at), values, attempt);
    run.curves.tell();
  } else if (event.type === 'state') change(event.run, () => ({ state: event.state, reason: event.reason }));
  else if (event.type === 'deleted') change(event.run, () => ({ state: 'missing' }));
  else if (event.type === 'config') {
    change(event.run, ({ detail }) => ({ detail: detail && { ...detail, ...event.config, tags: { ...detail.tags, ...event.config.tags } } }));
  } else if (event.type === 'control') takeControl(event, run, change);
  else if (event.type === 'histogram') run.asides.addDistribution(event.name, event);
  else if (event.type === 'image') run.asides.addImage(event.name, event);
  else if (event.type === 'alert') run.asides.addRemark(event);
  else if (event.type === 'text') run.asides.addRemark({ level: 'text', title: event.name, text: event.text, step: event.step, wall: event.wall });
}

type ControlEvent = Extract<WatchEvent, { type: 'control' }>;

function takeControl({ run: id, id: command, status, ...event }: ControlEvent, run: WatchedRun, change: (id: string, part: (run: WatchedRun) => Partial<WatchedRun>) => void): void {
  if (status === 'asked') return change(id, ({ waiting }) => ({ waiting: [...waiting, command], refusal: undefined }));
  const answered = { waiting: run.waiting.filter((other) => other !== command) };
  if (status !== 'applied') return change(id, () => ({ ...answered, refusal: event.reason ?? status }));
  const label = event.command === 'set' ? `${event.path} = ${Number(event.value)}` : event.command;
  // A trainer that names no step is taken at its word: the marker stands where the curves are.
  const step = event.step ?? Math.max(0, run.curves.lastStep);
  const paused = event.command === 'pause' || event.command === 'step' ? true : event.command === 'resume' || event.command === 'stop' ? false : run.paused;
  return change(id, ({ touches }) => ({ ...answered, paused, touches: [...touches, { step, label }] }));
}
