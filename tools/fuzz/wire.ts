/** What comes over the wire, broken: frames of points, batches as JSON, events, cursors, filters, and whole HTTP requests. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { fold, integerAt, isInputError, key, type Key } from '@gradstream/numerics';
import { decodeAllPoints, decodeFrame, encodeFrame, encodePoints, formatPoints, globTest, parseCursor, parsePoints, parseStreamEvent, pointsMediaType, type PointsBatch } from '@gradstream/protocol';
import { memoryStore, serve } from '@gradstream/server';
import { mutated, strange } from './mutate.ts';

export interface WireResult {
  readonly what: string;
  readonly tried: number;
  readonly refused: number;
  /** What must not be: anything but a sentence, or a server that does not answer any more. */
  readonly faults: readonly string[];
  /** Growth of memory, in MB. */
  readonly grown: number;
}

/** Bytes, broken, and what reads them. */
interface Reader {
  readonly what: string;
  broken(from: Key): Uint8Array;
  read(bytes: Uint8Array): unknown;
}

const batch: PointsBatch = {
  writer: 'w', seq: 3, attempt: 1, t0: 1.7e12, step: Float64Array.of(1, 5, 9), dt: Float64Array.of(0, 0.5, 7),
  columns: [{ metric: 'train/loss', values: Float64Array.of(0.5, NaN, 0.1) }, { metric: 'accuracy', values: Float64Array.of(0.25), at: Uint32Array.of(1) }],
};
const frame = encodePoints(batch);
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);
const event = JSON.stringify({ type: 'points', run: 'r', lsn: [1, 2], attempt: 0, t0: 0, step: [1], dt: [0], m: { a: ['NaN'] } });

const readers: readonly Reader[] = [
  { what: 'frames', broken: (from) => mutated(frame, from), read: decodeAllPoints },
  {
    what: 'frames whose checksum fits', read: decodeAllPoints,
    broken: (from) => {
      const { header, body } = decodeFrame(frame)!;
      return integerAt(from, 9, 2) === 0 ? encodeFrame(strange(header, from), [body]) : encodeFrame(header, [mutated(body, from)]);
    },
  },
  { what: 'batches as JSON', broken: (from) => bytesOf(JSON.stringify(strange(formatPoints(batch), from))), read: (bytes) => parsePoints(JSON.parse(text(bytes))) },
  { what: 'batches of broken JSON', broken: (from) => mutated(bytesOf(JSON.stringify(formatPoints(batch))), from), read: (bytes) => parsePoints(JSON.parse(text(bytes))) },
  { what: 'events', broken: (from) => bytesOf(JSON.stringify(strange(JSON.parse(JSON.stringify({ type: 'alert', run: 'r', lsn: [1, 1], wall: 0, level: 'info', title: 't' })), from))), read: (bytes) => parseStreamEvent(text(bytes)) },
  { what: 'cursors', broken: (from) => mutated(bytesOf(`~${btoa('[["r",3],["s",4]]')}`), from), read: (bytes) => parseCursor(text(bytes)) },
  { what: 'globs', broken: (from) => mutated(bytesOf('train/*/**loss'), from), read: (bytes) => globTest([text(bytes)])('train/a/b/c/loss') },
];

/** Reads so many broken inputs of each kind. */
export function fuzzWire(tries: number, seed = 1): WireResult[] {
  return readers.map(({ what, broken, read }) => {
    const [faults, before] = [[] as string[], process.memoryUsage().rss];
    let refused = 0;
    for (let i = 0; i < tries; i += 1) {
      const bytes = broken(fold(fold(key(seed), what), i));
      try {
        read(bytes);
      } catch (error) {
        if (isInputError(error) || error instanceof SyntaxError) refused += 1;
        else faults.push(`${i}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
    return { what, tried: tries, refused, faults, grown: (process.memoryUsage().rss - before) / 2 ** 20 };
  });
}

const requests: readonly string[] = [
  `POST /api/v1/runs/r/points HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${JSON.stringify(formatPoints(batch)).length}\r\n\r\n${JSON.stringify(formatPoints(batch))}`,
  'GET /api/v1/runs?filter=train%2Floss%3C0.5%20and%20tags.a%3D1&sort=-created&limit=3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /api/v1/runs/r/series?metric=train%2Floss&points=100&from=1&to=9&axis=step&scale=log HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'GET /api/v1/stream?run=r&follow=0&format=ndjson&metric=train*&since=r:0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'PUT /api/v1/runs/r HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{"tags":{"a":"b"}}',
  'POST /api/2.0/mlflow/runs/log-batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"run_id":"r"}',
  `POST /api/v1/runs/r/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${event.length}\r\n\r\n${event}`,
];

/** Sends so many broken requests to a server in this process, which must go on answering, and never with a fault of its own. */
export async function fuzzRequests(tries: number, seed = 1): Promise<WireResult> {
  const faults: string[] = [];
  let refused = 0;
  const server = await serve({ store: await memoryStore(), port: 0, onError: (message, error) => faults.push(`${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`) });
  const before = process.memoryUsage().rss;
  try {
    await fetch(`${server.url}/api/v1/runs/r`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    let next = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = next++; i < tries; i = next++) {
        const from = fold(fold(key(seed), 'requests'), i);
        const answer = await exchange(server.url, mutated(frameOrText(from), from));
        if (answer.startsWith('HTTP/1.1 4')) refused += 1;
        if (answer.startsWith('HTTP/1.1 5') && !answer.startsWith('HTTP/1.1 501')) faults.push(`${i}: ${answer.slice(0, 200)}`);
      }
    }));
    if (!(await fetch(`${server.url}/health`)).ok) faults.push('the server does not answer any more');
    return { what: 'requests', tried: tries, refused, faults, grown: (process.memoryUsage().rss - before) / 2 ** 20 };
  } finally {
    await server.close();
  }
}

function frameOrText(from: Key): Uint8Array {
  const chosen = integerAt(from, 8, requests.length + 1);
  if (chosen < requests.length) return bytesOf(requests[chosen]);
  return Buffer.concat([bytesOf(`POST /api/v1/runs/r/points HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${pointsMediaType}\r\nContent-Length: ${frame.length}\r\n\r\n`), frame]);
}

/** Sends bytes over a connection of its own, and closes it. @returns what came back first */
async function exchange(url: string, bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.setTimeout(200, () => socket.destroy());
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    socket.end();
  });
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}
