import type { RunDetail, RunInfo, RunList, StreamEvent } from '@gradstream/protocol';
import { EMPTY, expand, last, map, Observable, scan, switchMap } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';
import { NoSuchRun, type RunSource, type WatchEvent } from './source.ts';

const eventTypes: readonly StreamEvent['type'][] = ['points', 'state', 'config', 'alert', 'text', 'histogram', 'image', 'control', 'deleted', 'gap', 'hb'];
const retryMs = 2_000;

/** Reads runs from a metrics server. @param base its address, with a slash at the end */
export function httpSource(base: string): RunSource {
  const json = <T>(path: string) => fromFetch(new URL(path, base).href).pipe(switchMap(async (response): Promise<T> => {
    if (response.ok) return response.json() as Promise<T>;
    throw response.status === 404 ? new NoSuchRun(path) : new Error(`${response.status} ${response.statusText}`);
  }));
  const page = (after?: string) => json<RunList>(`api/v1/runs?limit=1000${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`);
  return {
    list: () => page().pipe(
      expand(({ next }) => (next === undefined ? EMPTY : page(next))),
      scan((all, { runs }) => [...all, ...runs], [] as readonly RunInfo[]),
      last(),
    ),
    detail: (id) => json<{ run: RunDetail } | RunDetail>(`api/v1/runs/${encodeURIComponent(id)}`).pipe(map((answer) => ('run' in answer ? answer.run : answer))),
    watch: (ids) => new Observable<WatchEvent>((subscriber) => {
      const query = ids.map((id) => `run=${encodeURIComponent(id)}`).join('&');
      let since = '';
      let source: EventSource;
      let retry: ReturnType<typeof setTimeout>;
      const connect = () => {
        source = new EventSource(new URL(`api/v1/stream?${query}&format=sse&mode=raw${since}`, base));
        source.onopen = () => subscriber.next({ type: 'connection', state: 'live' });
        source.onerror = () => {
          subscriber.next({ type: 'connection', state: 'lost' });
          // A browser gives up on an answer that is no stream (a proxy's error page): ask again.
          if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryMs);
        };
        for (const type of eventTypes) {
          source.addEventListener(type, ({ data, lastEventId }: MessageEvent<string>) => {
            if (lastEventId !== '') since = `&since=${encodeURIComponent(lastEventId)}`;
            subscriber.next({ ...JSON.parse(data) as StreamEvent, type } as StreamEvent);
          });
        }
      };
      connect();
      return () => {
        clearTimeout(retry);
        source.close();
      };
    }),
  };
}
