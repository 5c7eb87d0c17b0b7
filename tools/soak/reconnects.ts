import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seeded } from './random.ts';
import { freePort, ServerProcess } from './server.ts';
import { Writer } from './writer.ts';

export interface ReconnectReport {
  readonly reconnects: number;
  /** Events taken in whole, over all connections. */
  readonly events: number;
  readonly points: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly repeated: number;
  readonly faults: readonly string[];
}

interface Received {
  readonly id: string;
  readonly lsn: readonly [number, number];
  readonly points: readonly string[];
}

/** Follows a run that is written to, over connections that break after a random number of bytes. */
export async function reconnectCycles(reconnects: number, seed: number, say: (line: string) => void = () => {}): Promise<ReconnectReport> {
  const random = seeded(seed);
  const store = mkdtempSync(join(tmpdir(), 'gradstream-soak-'));
  const server = await ServerProcess.start({ port: await freePort(), store });
  const writer = new Writer(server.url, 'followed', 'w', seeded(seed + 1));
  const seen = new Map<string, number>();
  const faults: string[] = [];
  let [cursor, at, events] = ['', 0, 0];
  const take = (received: readonly Received[]): void => {
    for (const { id, lsn, points } of received) {
      if (lsn[0] !== at + 1) faults.push(`after position ${at} came ${lsn[0]}`);
      [cursor, at] = [id, lsn[1]];
      events += 1;
      for (const point of points) seen.set(point, (seen.get(point) ?? 0) + 1);
    }
  };
  try {
    await fetch(`${server.url}/api/v1/runs/followed`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    const work = writer.work();
    for (let i = 0; i < reconnects; i += 1) {
      take(parse(await readSome(`${server.url}/api/v1/stream?run=followed&every=1`, cursor, 1 + Math.floor(random() ** 4 * 60_000), 20 + 100 * random())));
      if ((i + 1) % 500 === 0) say(`${i + 1} of ${reconnects} reconnects, at position ${at}`);
    }
    writer.stop();
    await work;
    take(parse(await readSome(`${server.url}/api/v1/stream?run=followed&follow=0`, cursor, Infinity, 60_000)));
    return {
      reconnects, events, points: seen.size, acknowledged: writer.acknowledged.size,
      lost: [...writer.acknowledged.keys()].filter((point) => !seen.has(point)).length,
      repeated: [...seen.values()].filter((n) => n > 1).length, faults,
    };
  } finally {
    writer.stop();
    await server.kill();
    rmSync(store, { recursive: true, force: true });
  }
}

/** Reads a stream until so many bytes have come, or so much time has passed, and breaks the connection. */
const readSome = (url: string, cursor: string, bytes: number, ms: number): Promise<string> => new Promise((resolve, reject) => {
  const chunks: Buffer[] = [];
  let length = 0;
  const call = get(url, { agent: false, headers: cursor === '' ? {} : { 'last-event-id': cursor } }, (response) => {
    const done = (): void => {
      clearTimeout(timer);
      response.destroy();
      resolve(Buffer.concat(chunks).subarray(0, bytes).toString());
    };
    const timer = setTimeout(done, ms);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bytes) done();
    }).once('end', done).once('error', done);
  }).once('error', reject);
  call.setNoDelay(true);
});

/** The events that came in whole. */
function parse(text: string): Received[] {
  return text.split('\n\n').slice(0, -1).flatMap((block) => {
    const id = /^id: (.*)$/m.exec(block)?.[1];
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (id === undefined || data === undefined) return [];
    const { lsn, step = [], m = {} } = JSON.parse(data) as { lsn: [number, number]; step?: number[]; m?: Record<string, unknown[]> };
    return [{ id, lsn, points: Object.entries(m).flatMap(([metric, values]) => values.flatMap((value, i) => (value === null ? [] : [`${metric} ${step[i]}`]))) }];
  });
}
