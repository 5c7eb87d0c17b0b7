import type { Range, XAxis } from '@gradstream/charts';
import { asyncScheduler, catchError, combineLatest, concat, distinctUntilChanged, from, ignoreElements, map, mergeMap, type Observable, of, ReplaySubject, startWith, Subject, switchMap, tap, throttleTime, timer } from 'rxjs';
import type { RunSource } from '../server/source.ts';
import { type Store, storeOf } from '../view/store.ts';
import type { RunCurves } from './run-curves.ts';
import { type FineWindow, isFineEnough, windowFor } from './zoom.model.ts';

/** What is seen of a panel: the window on the screen, and how many pixels wide it is. */
export interface Look {
  readonly axis: XAxis;
  readonly window: Range;
  readonly pixels: number;
}

/** What a panel draws of its large metrics. */
export interface Detail {
  /** In the window, and in how many buckets: as many where every point is drawn. */
  readonly points: number;
  readonly buckets: number;
  readonly loading: boolean;
  /** Why nothing finer could be had. */
  readonly failure?: string;
}

/** A run of a panel, with the metrics that are drawn of it. */
export interface Zoomed {
  readonly run: string;
  readonly curves: RunCurves;
  readonly metrics: readonly string[];
}

/** Fetches what a panel's window shows, as fine as its pixels, once it has stood still; what is superseded is given up. */
export interface Zoom extends Store<Detail> {
  /** A panel was drawn. */
  look(look: Look): void;
  /** Tries again what failed. */
  again(): void;
}

/** What one run lacks for a look. */
interface Request {
  readonly of: Zoomed;
  readonly window: FineWindow;
  /** The look, in the units of the server. */
  readonly seen: Range;
  readonly pixels: number;
}

/** Who zooms and drags goes on within this time. */
const stillMs = 150;
const countMs = 250;

export function zoomOf(source: Pick<RunSource, 'curves'>, zoomed: readonly Zoomed[]): Zoom {
  const looks$ = new ReplaySubject<Look>(1);
  const again$ = new Subject<void>();
  const fetched = ({ of: { run, curves, metrics }, window }: Request): Observable<never> => source.curves([run], metrics, window).pipe(
    tap((fine) => {
      for (const buckets of fine) curves.large(buckets.metric)?.adopt(window, buckets);
      curves.retell();
    }),
    ignoreElements(),
  );
  const work$ = looks$.pipe(
    map((look) => requestsOf(zoomed, look)),
    distinctUntilChanged((before, now) => now.every((request) => before.some((pending) => covers(pending, request))) && (now.length > 0 || before.length === 0)),
    switchMap((requests) => (requests.length === 0 ? of(idle) : again$.pipe(
      startWith(undefined),
      switchMap(() => concat(
        of({ loading: true }),
        timer(stillMs).pipe(mergeMap(() => from(requests).pipe(mergeMap(fetched, 4)))),
        of(idle),
      ).pipe(catchError((error: Error) => of({ loading: false, failure: error.message })))),
    ))),
  );
  const counts$ = looks$.pipe(
    throttleTime(countMs, asyncScheduler, { leading: true, trailing: true }),
    map((look) => countsOf(zoomed, look)),
    distinctUntilChanged((a, b) => a.points === b.points && a.buckets === b.buckets),
  );
  const store = storeOf<Detail>({ points: 0, buckets: 0, ...idle }, combineLatest([work$, counts$]).pipe(map(([work, counts]) => ({ ...counts, ...work }))));
  return {
    get value() {
      return store.value;
    },
    subscribe: store.subscribe,
    look: (look) => looks$.next(look),
    again: () => again$.next(),
  };
}

const idle = { loading: false } as const;

/** Whether a request that is on its way brings what another one wants. */
const covers = (pending: Request, { of, seen, pixels, window }: Request): boolean => pending.of === of && isFineEnough(pending.window, false, window.axis, seen, pixels);

/** What the runs of a panel lack; shows what they have. */
function requestsOf(zoomed: readonly Zoomed[], { axis, window, pixels }: Look): readonly Request[] {
  return zoomed.flatMap((of) => {
    const large = of.metrics.map((metric) => of.curves.large(metric)).filter((metric) => metric !== undefined);
    const seen = seenBy(of.curves, axis, window);
    const asked = windowFor(axis === 'step' ? 'step' : 'wall', seen, pixels);
    const before = large.map(({ version }) => version);
    const wanting = large.filter((metric) => metric.look(asked.axis, seen, pixels));
    if (large.some(({ version }, i) => version !== before[i])) of.curves.retell();
    if (wanting.length === 0) return [];
    // Points beyond the overview are here already.
    const ends = wanting.map((metric) => (asked.axis === 'step' ? metric.steps : metric.walls));
    const [first, last] = [Math.min(...ends.map(([from]) => from)), Math.max(...ends.map(([, to]) => to))];
    const [from, to] = [Math.max(first, asked.from), Math.min(last, asked.to)];
    const clamped: Range = [Math.max(first, seen[0]), Math.min(last, seen[1])];
    return [{ of, window: { ...asked, from, to, points: Math.max(1, Math.ceil((asked.points * (to - from)) / (asked.to - asked.from))) }, seen: clamped, pixels: (pixels * (clamped[1] - clamped[0])) / (seen[1] - seen[0]) }];
  });
}

/** A window in steps or ms since 1970, as the server counts. */
const seenBy = ({ start }: RunCurves, axis: XAxis, [from, to]: Range): Range => (axis === 'relative' ? [start + from * 1_000, start + to * 1_000] : [from, to]);

function countsOf(zoomed: readonly Zoomed[], { axis, window: [from, to] }: Look): Pick<Detail, 'points' | 'buckets'> {
  let [points, buckets] = [0, 0];
  for (const { curves, metrics } of zoomed) {
    for (const metric of metrics) {
      const within = curves.large(metric)?.curve(axis, curves.start).within(from, to);
      points += within?.points ?? 0;
      buckets += within?.buckets ?? 0;
    }
  }
  return { points, buckets };
}
