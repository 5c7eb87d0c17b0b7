import { connect, steer, subscribe } from '@gradstream/client';
import type { RunInfo } from '@gradstream/protocol';
import { defer, ignoreElements, map, merge, Subject } from 'rxjs';
import { packPoints } from './pack.ts';
import type { RunSource, WatchEvent } from './source.ts';

/** Reads runs from a metrics server. @param url its address */
export function httpSource(url: string): RunSource {
  const api = connect(url);
  return {
    list: () => defer(async () => {
      const all: RunInfo[] = [];
      for (let after: string | undefined; ;) {
        const { runs, next } = await api.runs({ limit: 1_000, after });
        all.push(...runs);
        if (next === undefined) return all;
        after = next;
      }
    }),
    detail: (id) => defer(() => api.run(id)),
    steer: (id, command) => defer(() => steer(url, id, command)).pipe(ignoreElements()),
    watch: (ids) => defer(() => {
      const connection$ = new Subject<WatchEvent>();
      const events$ = subscribe(url, { run: ids, onConnection: (state) => connection$.next({ type: 'connection', state }) });
      return merge(connection$, events$.pipe(map((event) => (event.type === 'points' ? packPoints(event) : event))));
    }),
  };
}
