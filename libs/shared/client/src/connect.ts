import { bulkSeriesAnswer, eventsAnswer, parseWith, runDetail, runList, seriesAnswer, stringify, type BulkSeriesQuery, type EventsAnswer, type EventsQuery, type RunDetail, type RunList, type RunPatch, type RunPut, type RunsQuery, type SeriesAnswer, type SeriesQuery } from '@gradstream/protocol';
import { Refused, request, serverUrl, type Connection } from './request.ts';

/** What a server can be asked, one call each. */
export interface Api {
  runs(query?: Partial<RunsQuery>): Promise<RunList>;
  /** @returns undefined where there is no such run */
  run(id: string): Promise<RunDetail | undefined>;
  put(id: string, body: RunPut): Promise<RunDetail>;
  patch(id: string, body: RunPatch): Promise<RunDetail>;
  /** @returns whether there was such a run */
  remove(id: string): Promise<boolean>;
  /** The curve of a metric in at most `points` buckets (default 1000). */
  series(id: string, query: { readonly metric: string } & Partial<SeriesQuery>): Promise<SeriesAnswer>;
  /** The curves of several metrics of several runs; those without a point in the range are left out. */
  curves(query: Partial<Omit<BulkSeriesQuery, 'runs' | 'metrics'>> & { readonly runs: readonly string[]; readonly metrics: readonly string[] }): Promise<readonly SeriesAnswer[]>;
  /** A page of what a run keeps besides its points. */
  events(id: string, query?: Partial<Pick<EventsQuery, 'from' | 'to' | 'after' | 'limit'>>): Promise<EventsAnswer>;
}

/**
 * Calls of a metrics server. Each rejects with `Unavailable` where the server cannot be reached, and with `Refused`,
 * which says why, where it will not.
 *
 * @throws InputError for what is no address of a server
 */
export function connect(url: string, connection: Connection = {}): Api {
  const root = `${serverUrl(url, 'connect')}/api/v1`;
  const base = `${root}/runs`;
  const get = async (path: string, query: Record<string, unknown> = {}): Promise<unknown> => {
    const asked = Object.entries(query).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
    return (await request(connection, `${base}${path}${asked.length > 0 ? `?${new URLSearchParams(asked)}` : ''}`)).json();
  };
  const given = async (method: string, address: string, body: unknown): Promise<unknown> => (await request(connection, address, { method, headers: { 'content-type': 'application/json' }, body: stringify(body) })).json();
  const send = async (method: string, id: string, body: unknown): Promise<RunDetail> => parseWith(runDetail, await given(method, `${base}/${encodeURIComponent(id)}`, body), 'run');
  const unlessMissing = (error: unknown): undefined => {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  };
  return {
    runs: async (query) => parseWith(runList, await get('', query), 'runs'),
    run: async (id) => {
      const body = await get(`/${encodeURIComponent(id)}`).catch(unlessMissing);
      return body === undefined ? undefined : parseWith(runDetail, body, 'run');
    },
    put: (id, body) => send('PUT', id, body),
    patch: (id, body) => send('PATCH', id, body),
    remove: async (id) => (await request(connection, `${base}/${encodeURIComponent(id)}`, { method: 'DELETE' }).catch(unlessMissing)) !== undefined,
    series: async (id, query) => parseWith(seriesAnswer, await get(`/${encodeURIComponent(id)}/series`, query), 'series'),
    curves: async (query) => parseWith(bulkSeriesAnswer, await given('POST', `${root}/series`, query), 'series').series,
    events: async (id, query) => parseWith(eventsAnswer, await get(`/${encodeURIComponent(id)}/events`, query), 'events'),
  };
}
