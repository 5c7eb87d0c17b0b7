import { parseWith, runDetail, runList, seriesAnswer, stringify, type RunDetail, type RunList, type RunPatch, type RunPut, type RunsQuery, type SeriesAnswer, type SeriesQuery } from '@gradstream/protocol';
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
}

/**
 * Calls of a metrics server. Each rejects with `Unavailable` where the server cannot be reached, and with `Refused`,
 * which says why, where it will not.
 *
 * @throws InputError for what is no address of a server
 */
export function connect(url: string, connection: Connection = {}): Api {
  const base = `${serverUrl(url, 'connect')}/api/v1/runs`;
  const get = async (path: string, query: Record<string, unknown> = {}): Promise<unknown> => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]);
    return (await request(connection, `${base}${path}${given.length > 0 ? `?${new URLSearchParams(given)}` : ''}`)).json();
  };
  const send = async (method: string, id: string, body: unknown): Promise<RunDetail> => {
    const response = await request(connection, `${base}/${encodeURIComponent(id)}`, { method, headers: { 'content-type': 'application/json' }, body: stringify(body) });
    return parseWith(runDetail, await response.json(), 'run');
  };
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
  };
}
