import { connect, steer, subscribe } from '@gradstream/client';
import type { RunInfo, RunsQuery } from '@gradstream/protocol';
import { defer, ignoreElements, map, merge, Subject } from 'rxjs';
import { packPoints } from './pack.ts';
import type { RunSource, WatchEvent } from './source.ts';

/** Runs in one subscription, at most: the server's own bound. */
const runsPerStream = 200;

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
  return {
    list: () => defer(() => pages({ limit: 1_000 })),
    recent: (after) => defer(async () => (await pages({ sort: '-heartbeat', limit: 50 }, ({ heartbeat }) => heartbeat <= after)).filter(({ heartbeat }) => heartbeat > after)),
    detail: (id) => defer(() => api.run(id)),
    steer: (id, command) => defer(() => steer(url, id, command)).pipe(ignoreElements()),
    patch: (id, change) => defer(() => api.patch(id, change)).pipe(ignoreElements()),
    remove: (id) => defer(() => api.remove(id)).pipe(ignoreElements()),
    watch: (ids) => merge(...chunked(ids, runsPerStream).map((some) => defer(() => {
      const connection$ = new Subject<WatchEvent>();
      const events$ = subscribe(url, { run: some, onConnection: (state) => connection$.next({ type: 'connection', state }) });
      return merge(connection$, events$.pipe(map((event) => (event.type === 'points' ? packPoints(event) : event))));
    }))),
  };
}

const chunked = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
