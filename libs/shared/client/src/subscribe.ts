import { createParser } from 'eventsource-parser';
import { mergeMap, Observable, type OperatorFunction } from 'rxjs';
import { InputError } from '@gradstream/numerics';
import { formatCursor, parseCursor, parseStreamEvent, pointsOf, type MetricPoint, type StreamEvent } from '@gradstream/protocol';
import { backoffMs, ended, Refused, request, serverUrl, Unavailable, type Connection } from './request.ts';

export interface SubscribeOptions extends Connection {
  /** Id of a run, or several. Default: every run, those to come too. */
  readonly run?: string | readonly string[];
  /** Metrics by name or glob (`train/**`), or several. Default: all. */
  readonly metric?: string | readonly string[];
  /** Types of events, like `points` or `control`, or several. Default: all. */
  readonly event?: string | readonly string[];
  /** Cursor of an event: what follows it comes. `now` leaves out what there is. Default: from the beginning. */
  readonly since?: string;
  /** Every point (default), or fewer: see the server's `GET /api/v1/stream`. */
  readonly mode?: 'raw' | 'minmax' | 'last';
  /** ms in which the server gathers events into one. Default 50. */
  readonly everyMs?: number;
  /** Whether to go on when everything there is came (default), or complete. */
  readonly follow?: boolean;
  /** ms without a sign of life after which the connection is given up and made again. Default 45,000. */
  readonly silenceMs?: number;
  /** Told when the connection stands (`live`), and when it broke or could not be made (`lost`); it is then tried again. */
  readonly onConnection?: (state: 'live' | 'lost') => void;
}

/** An event and the cursor after it: subscribe `since` it to go on from there. */
export type CursorEvent = Exclude<StreamEvent, { type: 'hb' }> & { readonly cursor: string };

/**
 * What runs log, from a cursor on: first what there is, then live. Cold: each subscription is a connection of its own.
 * A connection that breaks is made again where it broke, without a gap or a repeat; what the server refuses is an error.
 */
export function subscribe(url: string, { run = [], metric = [], event: types = [], since, mode = 'raw', everyMs = 50, follow = true, silenceMs = 45_000, onConnection, ...connection }: SubscribeOptions = {}): Observable<CursorEvent> {
  const base = serverUrl(url, 'subscribe');
  return new Observable<CursorEvent>((subscriber) => {
    const place = new Place(since);
    let tries = 0;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    let abort = new AbortController();

    const connect = async (): Promise<void> => {
      const query = { run: [run].flat(), metric: [metric].flat(), event: [types].flat(), format: 'sse', mode, every: `${everyMs}ms`, follow: follow ? '1' : '0', ...(place.cursor === undefined ? {} : { since: place.cursor }) };
      abort = new AbortController();
      const response = await ask(connection, `${base}/api/v1/stream`, query, abort.signal);
      onConnection?.('live');
      await read(response, silenceMs, abort, (id, data) => {
        tries = 0;
        const event = parseStreamEvent(data);
        place.pass(event, id);
        if (event.type !== 'hb') subscriber.next(withCursor(event, place, id));
      });
      if (follow) throw new Unavailable('the stream ended');
    };

    const again = (): void => {
      connect().then(() => subscriber.complete(), (error: unknown) => {
        if (subscriber.closed) return;
        if (error instanceof Refused) return subscriber.error(new InputError(`subscribe: ${error.message}`));
        if (!(error instanceof Unavailable)) return subscriber.error(error);
        onConnection?.('lost');
        waiting = setTimeout(again, error.retryAfterMs ?? backoffMs(tries, 250, 10_000));
        tries += 1;
      });
    };

    again();
    return () => {
      clearTimeout(waiting);
      abort.abort(ended);
    };
  });
}

/** Longest address that is asked for; a longer query goes as a body. */
const longestAddress = 8000;

function ask(connection: Connection, address: string, query: Readonly<Record<string, string | readonly string[]>>, signal: AbortSignal): Promise<Response> {
  const text = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))).toString();
  const headers = { accept: 'text/event-stream' };
  if (text.length <= longestAddress) return request(connection, `${address}?${text}`, { headers, signal });
  return request(connection, address, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(query), signal });
}

/**
 * Where a subscription stands. The server names its cursor with each event while that is short; of very many runs it is
 * put together here, from what the events say of themselves.
 */
class Place {
  /** Positions since the last cursor that was named, with those in it. */
  private positions: Map<string, number> | undefined;

  constructor(private named: string | undefined) {}

  get cursor(): string | undefined {
    return this.positions ? formatCursor(this.positions) : this.named;
  }

  pass(event: StreamEvent, cursor: string | undefined): void {
    if (cursor !== undefined) {
      this.named = cursor;
      this.positions = undefined;
      return;
    }
    if (event.type === 'hb' && Object.keys(event.lsn).length === 0) return;
    this.positions ??= new Map(this.named === undefined || ['', '0', 'now'].includes(this.named) ? [] : parseCursor(this.named));
    if (event.type === 'hb') for (const [run, lsn] of Object.entries(event.lsn)) this.positions.set(run, lsn);
    else if (event.type === 'deleted') this.positions.delete(event.run);
    else this.positions.set(event.run, event.lsn[1]);
  }
}

/** The event with its cursor; a long one is put together when it is asked for, which is to be done when the event comes. */
function withCursor(event: Exclude<StreamEvent, { type: 'hb' }>, place: Place, named: string | undefined): CursorEvent {
  if (named !== undefined) return { ...event, cursor: named };
  return Object.defineProperty({ ...event, cursor: '' }, 'cursor', { enumerable: true, get: () => place.cursor ?? '' });
}

/** Reads server-sent events until the stream ends. @throws Unavailable when it breaks, or is silent for too long */
async function read(response: Response, silenceMs: number, abort: AbortController, onEvent: (id: string | undefined, data: string) => void): Promise<void> {
  const parser = createParser({ onEvent: ({ id, data }) => onEvent(id, data) });
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let watchdog = setTimeout(() => abort.abort(), silenceMs);
  abort.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((error: unknown) => {
        throw new Unavailable(error instanceof Error ? error.message : String(error));
      });
      if (abort.signal.aborted) throw new Unavailable('the stream fell silent');
      if (done) return;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), silenceMs);
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** The single points in a subscription's events. */
export const points = (): OperatorFunction<StreamEvent | CursorEvent, MetricPoint> => mergeMap((event) => (event.type === 'points' ? pointsOf(event) : []));
