import type { Request, Response } from 'express';
import { InputError } from '@gradstream/numerics';
import { isRunId, parseCursor, parseWith, streamQuery, type StreamQuery } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { Grant } from '../security/tokens.ts';
import { wireForms } from '../stream/events.ts';
import type { Hub } from '../stream/hub.ts';
import { responseSink } from '../stream/sink.ts';
import { Subscription } from '../stream/subscription.ts';
import { NotFound, TooMany } from './errors.ts';
import { grantOf, queryOf, type Route } from './route.ts';

export interface StreamLimits {
  /** Streams open at a time: all together, and from one address. Defaults 2,000 and 64. */
  readonly maxStreams?: number;
  readonly maxStreamsPerAddress?: number;
}

/** What runs logged after a cursor, then what they log. */
export function streamRoutes(store: RunStore, hub: Hub, { maxStreams = 2000, maxStreamsPerAddress = 64 }: StreamLimits): Route[] {
  const open = new OpenStreams(maxStreams, maxStreamsPerAddress);
  const handle = async (request: Request, response: Response, query: StreamQuery): Promise<void> => {
    const grant = grantOf(response);
    const runs = query.run.length === 0 || query.run.includes('*') ? undefined : new Set(query.run);
    for (const run of runs ?? []) await checkRun(store, run, query, grant);
    const initial = runs ?? (await everyRun(store, grant));
    // A browser that comes back says where it was; that goes before the address it came with.
    const since = await positions(store, request.get('last-event-id') ?? query.since, initial);
    open.enter(request, response);
    response.writeHead(200, { 'content-type': wireForms[query.format].mediaType, 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    if (query.format === 'sse') response.write('retry: 1000\n\n');
    else response.flushHeaders();
    new Subscription(store, hub, responseSink(response), query, { runs, project: grant.project }, initial, since);
  };
  return [
    {
      method: 'get', path: '/stream', scope: 'read', summary: 'What runs logged after a cursor, then what they log, as server-sent events or NDJSON', query: streamQuery, answers: { 200: 'text/event-stream' },
      handle: (request, response) => handle(request, response, queryOf(streamQuery, request, 'stream')),
    },
    {
      method: 'post', path: '/stream', scope: 'read', summary: 'The same, for a query that is too long for an address: a cursor of very many runs', body: streamQuery, answers: { 200: 'text/event-stream' },
      handle: (request, response) => handle(request, response, parseWith(streamQuery, request.body, 'stream')),
    },
  ];
}

/** Counts open streams, so that nobody can hold them all. */
class OpenStreams {
  private total = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(private readonly most: number, private readonly mostPerAddress: number) {}

  /** @throws TooMany */
  enter(request: Request, response: Response): void {
    const address = request.socket.remoteAddress ?? '';
    const mine = this.byAddress.get(address) ?? 0;
    if (this.total >= this.most || mine >= this.mostPerAddress) throw new TooMany(`there are ${mine} streams open from this address and ${this.total} in all; at most ${this.mostPerAddress} and ${this.most} may be`);
    this.total += 1;
    this.byAddress.set(address, mine + 1);
    response.once('close', () => {
      this.total -= 1;
      const left = this.byAddress.get(address)! - 1;
      if (left > 0) this.byAddress.set(address, left);
      else this.byAddress.delete(address);
    });
  }
}

/** A run that is not there yet can be waited for, but not dumped; one of another project is not there. */
export async function checkRun(store: RunStore, run: string, { follow }: Pick<StreamQuery, 'follow'>, { project }: Grant): Promise<void> {
  if (!isRunId(run)) throw new InputError(`stream: run must be the id of a run, received '${run}'`);
  const its = (await store.peek(run))?.project;
  if ((its === undefined && !follow) || (its !== undefined && project !== undefined && its !== project)) throw new NotFound(`stream: there is no run '${run}'`);
}

/** Where a subscription begins. */
export async function positions(store: RunStore, text: string | undefined, runs: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  if (text === undefined || text === '' || text === '0') return new Map();
  if (text !== 'now') return parseCursor(text);
  const heads = await Promise.all([...runs].map(async (run) => [run, (await store.head(run)) ?? 0] as const));
  return new Map(heads);
}

export async function everyRun(store: RunStore, { project }: Grant): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let after: string | undefined; ;) {
    const { runs, next } = await store.runs({ limit: 1000, after, project });
    for (const { id } of runs) ids.add(id);
    if (!next) return ids;
    after = next;
  }
}
