import type { Request, RequestHandler } from 'express';
import { InputError } from '@gradstream/numerics';
import { isRunId, parseCursor, parseWith, streamQuery, type StreamQuery } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { wireForms } from '../stream/events.ts';
import type { Hub } from '../stream/hub.ts';
import { Subscription } from '../stream/subscription.ts';
import { NotFound } from './errors.ts';

/** `GET /api/v1/stream`: what runs logged after a cursor, then what they log. */
export function streamRoute(store: RunStore, hub: Hub): RequestHandler {
  return async (request, response) => {
    const query = parseWith(streamQuery, request.query, 'stream');
    const runs = query.run.length === 0 || query.run.includes('*') ? undefined : new Set(query.run);
    for (const run of runs ?? []) if (!isRunId(run)) throw new InputError(`stream: run must be the id of a run, received '${run}'`);
    const initial = runs ?? (await everyRun(store));
    const since = await positions(store, request, query, initial);
    for (const run of runs ?? []) if (!query.follow && (await store.head(run)) === undefined) throw new NotFound(`stream: there is no run '${run}'`);
    response.writeHead(200, {
      'content-type': wireForms[query.format].mediaType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    if (query.format === 'sse') response.write('retry: 1000\n\n');
    else response.flushHeaders();
    new Subscription(store, hub, response, query, runs, initial, since);
  };
}

/** Where the subscription begins: `Last-Event-ID`, which a browser sends when it comes back, goes before `since`. */
async function positions(store: RunStore, request: Request, { since }: StreamQuery, runs: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const text = request.get('last-event-id') ?? since;
  if (text === undefined || text === '' || text === '0') return new Map();
  if (text !== 'now') return parseCursor(text);
  const heads = await Promise.all([...runs].map(async (run) => [run, (await store.head(run)) ?? 0] as const));
  return new Map(heads);
}

async function everyRun(store: RunStore): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let after: string | undefined; ;) {
    const { runs, next } = await store.runs({ limit: 1000, after });
    for (const { id } of runs) ids.add(id);
    if (!next) return ids;
    after = next;
  }
}
