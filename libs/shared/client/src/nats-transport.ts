import { decodeAllPoints, encodePoints, newId, parsePoints, pointsMediaType } from '@gradstream/protocol';
import { NatsBus, type BusKind, type BusOptions } from './nats-bus.ts';

/** Sends what a publisher has for a server to NATS JetStream instead. */
export interface NatsTransport {
  /** To be given to `publish` as the server's address. */
  readonly url: string;
  /** To be given to `publish` as `fetch`. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

const kinds: Readonly<Record<string, BusKind>> = { 'PUT ': 'put', 'PATCH ': 'patch', 'POST /points': 'points', 'POST /events': 'note', 'POST /heartbeat': 'patch' };

/**
 * Publishes to NATS JetStream without any metrics server being there: whichever server is, or comes later, stores it.
 *
 *   const bus = await natsTransport('nats://127.0.0.1:4222');
 *   run$.pipe(publish(bus.url, { fetch: bus.fetch }))
 *
 * The broker says that it has the points, and not what the store thinks of them: there are no counts of duplicates, and
 * what the store refuses stands in its log.
 *
 * @throws InputError for a broker that is not there, or has no JetStream
 */
export async function natsTransport(url: string, options: BusOptions = {}): Promise<NatsTransport> {
  const bus = await NatsBus.connect(url, options);
  const numbered = new Numbered();
  const send: typeof fetch = async (input, init) => {
    const [, id, rest] = /^\/api\/v1\/runs\/([^/]+)(\/[a-z]+)?$/.exec(new URL(String(input)).pathname) ?? [];
    const kind = kinds[`${init?.method ?? 'GET'} ${rest ?? ''}`];
    if (id === undefined || kind === undefined) return new Response('{"error":{"code":"not_found","message":"the bus carries runs, points and events only"}}', { status: 404 });
    const run = decodeURIComponent(id);
    // A run that changes nothing says that it is alive.
    const body = new Uint8Array(await new Response(rest === '/heartbeat' ? '{}' : init?.body).arrayBuffer());
    if (kind === 'points') {
      const frames = new Headers(init?.headers).get('content-type') === pointsMediaType ? body : encodePoints(parsePoints(JSON.parse(Buffer.from(body).toString())));
      for (const { batch: { writer, seq }, bytes } of decodeAllPoints(frames)) await bus.publish({ kind, run, writer, seq, body: bytes });
    } else {
      await numbered.once(`${kind} ${run} ${Buffer.from(body).toString()}`, (writer, seq) => bus.publish({ kind, run, writer, seq, body }));
    }
    return new Response('{}');
  };
  return { url: 'http://nats', fetch: send, close: () => bus.close() };
}

/** Gives messages that have no number of their own one, and the same one to a message that is sent again. */
class Numbered {
  private readonly writer = newId();
  private next = 1;
  private readonly failed = new Map<string, number>();

  async once(content: string, send: (writer: string, seq: number) => Promise<unknown>): Promise<void> {
    const seq = this.failed.get(content) ?? this.next++;
    this.failed.set(content, seq);
    await send(this.writer, seq);
    this.failed.delete(content);
  }
}
