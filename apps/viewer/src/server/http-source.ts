import { connect, subscribe } from '@gradstream/client';
import type { RunInfo } from '@gradstream/protocol';
import { defer, map, merge, Subject } from 'rxjs';
import { NoSuchRun, type RunSource, type WatchEvent } from './source.ts';

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
    detail: (id) => defer(() => api.run(id)).pipe(map((run) => {
      if (!run) throw new NoSuchRun(id);
      return run;
    })),
    watch: (ids) => defer(() => {
      const connection$ = new Subject<WatchEvent>();
      return merge(connection$, subscribe(url, { run: ids, onConnection: (state) => connection$.next({ type: 'connection', state }) }));
    }),
  };
}
