import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { isInputError } from '@gradstream/numerics';
import { commandBody, parseWith, runId, stringify } from '@gradstream/protocol';
import { ask } from '../http/commands.ts';
import { NotFound, TooMany } from '../http/errors.ts';
import { checkRun, everyRun, positions } from '../http/stream.ts';
import type { RunStore } from '../run-store.ts';
import { Denied, type Guard } from '../security/guard.ts';
import type { Grant } from '../security/tokens.ts';
import type { Hub } from './hub.ts';
import type { Sink } from './sink.ts';
import { Subscription } from './subscription.ts';

/** Sub-protocol that a client names when it connects. */
export const subProtocol = 'gradstream.v1';

/** Messages on their way to a client that has not acknowledged any of them, at most; then its subscription waits. */
const window = 64;

/** Subscriptions on one connection. */
const maxSubscriptions = 64;

/** What a client sends. */
export const socketMessage = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('sub'), id: z.string().min(1).max(64),
    run: z.array(runId).max(200).default([]), metric: z.array(z.string().min(1)).max(200).default([]),
    event: z.array(z.string()).max(20).default([]),
    since: z.string().optional(), mode: z.enum(['raw', 'minmax', 'last']).default('raw'), every: z.int().min(0).max(60_000).default(50),
  }),
  z.strictObject({ op: z.literal('unsub'), id: z.string() }),
  z.strictObject({ op: z.literal('ack'), id: z.string(), n: z.int().min(0) }),
  z.strictObject({ op: z.literal('ctl'), run: runId, ...commandBody.shape }),
]);
type Message = z.output<typeof socketMessage>;

/** What a client hears. */
export const socketAnswer = {
  lines: z.strictObject({ id: z.string(), n: z.int(), lines: z.string() }),
  ctl: z.strictObject({ op: z.literal('ctl'), id: z.string(), lsn: z.int() }),
  error: z.strictObject({ op: z.literal('error'), id: z.string().optional(), message: z.string() }),
};

/**
 * `GET /api/v1/ws`: many subscriptions and commands over one connection.
 *
 *   → {"op":"sub","id":"a","run":["r1"],"metric":["train/loss"],"since":"r1:12"}
 *   ← {"id":"a","n":1,"lines":"<events, one JSON object a line>"}
 *   → {"op":"ack","id":"a","n":1}           at most 64 messages are sent ahead of this
 *   → {"op":"unsub","id":"a"}
 *   → {"op":"ctl","run":"r1","command":"pause"}
 *   ← {"op":"ctl","id":"…","lsn":13}        or {"op":"error","id":"…","message":"…"}
 *
 * @returns what ends all connections
 */
export function attachWebSocket(server: Server, store: RunStore, hub: Hub, guard: Guard): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false, handleProtocols: (asked) => (asked.has(subProtocol) ? subProtocol : false) });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      guard.checkOrigin(request);
      if (pathname !== '/api/v1/ws') return refuse(socket, 404, 'Not Found');
      const grant = guard.admit(request, 'read', searchParams.get('ticket') ?? undefined);
      sockets.handleUpgrade(request, socket, head, (connection) => new Connection(connection, store, hub, guard, grant));
    } catch (error) {
      refuse(socket, error instanceof Denied || error instanceof TooMany ? error.status : 400, 'Refused');
    }
  });
  return () => {
    for (const socket of sockets.clients) socket.terminate();
  };
}

const refuse = (socket: Duplex, status: number, reason: string): void => void socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);

class Connection {
  private readonly subscriptions = new Map<string, SocketSink>();

  constructor(private readonly socket: WebSocket, private readonly store: RunStore, private readonly hub: Hub, private readonly guard: Guard, private readonly grant: Grant) {
    socket.on('message', (data, isBinary) => void this.hear(isBinary ? '' : String(data)));
    socket.on('close', () => {
      for (const sink of this.subscriptions.values()) sink.close();
    });
    socket.on('error', () => socket.terminate());
  }

  private async hear(text: string): Promise<void> {
    let id: string | undefined;
    try {
      const said = parseWith(socketMessage, parseJson(text), 'message');
      id = 'id' in said ? said.id : undefined;
      await this.obey(said);
    } catch (error) {
      const known = isInputError(error) || error instanceof Denied || error instanceof NotFound;
      this.send({ op: 'error', id, message: known ? error.message : 'something went wrong in the server' });
    }
  }

  private async obey(said: Message): Promise<void> {
    switch (said.op) {
      case 'sub': return this.subscribe(said);
      case 'unsub': return this.subscriptions.get(said.id)?.close();
      case 'ack': return this.subscriptions.get(said.id)?.acknowledge(said.n);
      case 'ctl': {
        const { op, run, ...command } = said;
        this.guard.require(this.grant, 'control');
        await checkRun(this.store, run, { follow: false }, this.grant);
        this.send({ op, id: command.id, lsn: await ask(this.store, run, command) });
      }
    }
  }

  private async subscribe({ id, run, since, ...query }: Extract<Message, { op: 'sub' }>): Promise<void> {
    if (this.subscriptions.has(id) || this.subscriptions.size >= maxSubscriptions) throw new Denied(403, `a connection may hold ${maxSubscriptions} subscriptions, each under its own id`);
    const runs = run.length > 0 ? new Set(run) : undefined;
    for (const each of runs ?? []) await checkRun(this.store, each, { follow: true }, this.grant);
    const initial = runs ?? (await everyRun(this.store, this.grant));
    const from = await positions(this.store, since, initial);
    const sink = new SocketSink((body) => this.send({ id, ...body }), () => void this.subscriptions.delete(id));
    this.subscriptions.set(id, sink);
    new Subscription(this.store, this.hub, sink, { ...query, format: 'ndjson', follow: true }, { runs, project: this.grant.project }, initial, from);
  }

  private send(body: object): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(stringify(body));
  }
}

/** One subscription's way out: numbered messages, and a window of them that waits for the client. */
class SocketSink implements Sink {
  private sent = 0;
  private acknowledged = 0;
  private caughtUp: () => void = () => {};
  private closed: () => void = () => {};

  constructor(private readonly out: (body: { n: number; lines: string }) => void, private readonly gone: () => void) {}

  write(bytes: string | Buffer): boolean {
    this.sent += 1;
    this.out({ n: this.sent, lines: bytes.toString() });
    return this.sent - this.acknowledged < window;
  }

  ready(): Promise<void> {
    return new Promise((resolve) => (this.caughtUp = resolve));
  }

  acknowledge(n: number): void {
    this.acknowledged = Math.max(this.acknowledged, Math.min(n, this.sent));
    if (this.sent - this.acknowledged < window) this.caughtUp();
  }

  onClose(closed: () => void): void {
    this.closed = closed;
  }

  close(): void {
    this.closed();
    this.caughtUp();
  }

  end(): void {
    this.gone();
  }

  fail(): void {
    this.gone();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
