/**
 * Follows a run over many streams, in a process of its own: `followers.mjs URL RUN COUNT heard|counted|deaf [SINCE]`. `heard` notes how
 * late each time stamp in the metric `m0` comes, `counted` throws away what it reads, `deaf` never reads after the first bytes.
 * Says `{}` when all streams are open, then answers each line with what it got since the last one.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** What followers got: bytes, and how late each time stamp was, ms. */
export interface Followed {
  readonly bytes: number;
  readonly late: readonly number[];
}

const [address, run, count, kind, since = 'now'] = process.argv.slice(2);
const { hostname, port } = new URL(address);
let bytes = 0;
let late: number[] = [];

const hear = (chunk: Buffer): void => {
  const now = performance.timeOrigin + performance.now();
  for (const [, times] of chunk.toString('latin1').matchAll(/"m0":\[([\d.,]+)\]/g)) for (const sent of times.split(',')) late.push(now - Number(sent));
};

await Promise.all(Array.from({ length: Number(count) }, () => new Promise<void>((resolve, reject) => {
  const socket = connect(Number(port), hostname, () => socket.write(`GET /api/v1/stream?run=${run}&since=${since} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`));
  socket.once('error', reject).once('data', () => {
    resolve();
    if (kind === 'deaf') return socket.pause();
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (kind === 'heard') hear(chunk);
    });
  });
})));
process.stdout.write('{}\n');
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify({ bytes, late } satisfies Followed)}\n`);
  [bytes, late] = [0, []];
}
process.exit(0);
