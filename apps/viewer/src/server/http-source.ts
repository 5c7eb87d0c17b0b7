import { connect, steer, subscribe } from '@gradstream/client';
import { type EventsAnswer, formatCursor, maxBulkBuckets, type RunInfo, type RunsQuery } from '@gradstream/protocol';
import { concat, defer, from, ignoreElements, map, merge, mergeMap, type Observable, Subject, toArray } from 'rxjs';
import { packCurve } from './pack-curve.ts';
import { packPoints } from './pack.ts';
import type { RunSource, WatchEvent } from './source.ts';

/** Runs in one subscription, and in one request for curves, at most; metrics in one request: the server's own bounds. */
const runsAtOnce = 200;
const metricsAtOnce = 50;

/** Reads runs from a metrics server. @param url its address */
export function httpSource(url: string): RunSource {
  const api = connect(url);
  /** Reads pages until the last one, or until a page ends with a run that `enough` names. */
  const pages = async (query: Partial<RunsQuery>, enough: (last: RunInfo) => boolean = () => false): Promise<readonly RunInfo[]> => {
    const all: RunInfo[] = [];
    for (let after: string | undefined; ;) {
      const { runs, next } = await api.runs({ ...query, after });
      all.push(...runs);
      if (next === undefined || enough(runs[runs.length - 1])) return all;
      after = next;
    }
  };
  /** What a run's log holds beside its points, up to a position. */
  const notes = (id: string, until: number): Observable<WatchEvent> => defer(async () => {
    const all: WatchEvent[] = [];
    for (let after: number | undefined = 0; after !== undefined && after < until;) {
      const { events, next }: EventsAnswer = await api.events(id, { after, limit: 1_000 });
      for (const event of events) if ('lsn' in event && event.type !== 'hb' && event.type !== 'points' && event.lsn[1] <= until) all.push(event);
      after = next;
    }
    return all;
  }).pipe(mergeMap((all) => all));
  return {
    list: () => defer(() => pages({ limit: 1_000 })),
    recent: (after) => defer(async () => (await pages({ sort: '-heartbeat', limit: 50 }, ({ heartbeat }) => heartbeat <= after)).filter(({ heartbeat }) => heartbeat > after)),
    detail: (id) => defer(() => api.run(id)),
    steer: (id, command) => defer(() => steer(url, id, command)).pipe(ignoreElements()),
    patch: (id, change) => defer(() => api.patch(id, change)).pipe(ignoreElements()),
    remove: (id) => defer(() => api.remove(id)).pipe(ignoreElements()),
    watch: (ids, since = new Map()) => merge(...chunked(ids, runsAtOnce).map((some) => defer(() => {
      const connection$ = new Subject<WatchEvent>();
      const skipped = new Map([...since].filter(([id]) => some.includes(id)));
      const events$ = subscribe(url, { run: some, ...(skipped.size > 0 ? { since: formatCursor(skipped) } : {}), onConnection: (state) => connection$.next({ type: 'connection', state }) });
      const before$ = from(skipped).pipe(mergeMap(([id, lsn]) => notes(id, lsn)));
      return merge(connection$, concat(before$, events$.pipe(map((event) => (event.type === 'points' ? packPoints(event) : event)))));
    }))),
    curves: (ids, metrics, { points, ...window }) => {
      const asked = chunked(ids, runsAtOnce).flatMap((runs) => chunked(metrics, metricsAtOnce).map((some) => ({ runs, metrics: some })));
      return from(asked).pipe(
        mergeMap((some) => api.curves({ ...some, ...window, points: Math.max(1, Math.min(points, Math.floor(maxBulkBuckets / (some.runs.length * some.metrics.length)))) }), 2),
        mergeMap((curves) => curves.map(packCurve)),
        toArray(),
      );
    },
  };
}

const chunked = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
