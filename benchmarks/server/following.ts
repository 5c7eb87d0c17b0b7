/** How many can follow a run, how late they hear of it, and what those cost who do nothing or never read. */
import { connect, type Socket } from 'node:net';
import { encodePoints, pointsMediaType } from '@gradstream/protocol';
import { median, quantile, rounded } from '../harness.ts';
import { begin, cpuSeconds, pause, residentMegabytes, send, settled, type Running } from './databases.ts';

/** Opens streams of a run; `heard` gets what comes over each. */
const follow = ({ url }: Running, run: string, count: number, heard?: (chunk: Buffer, i: number) => void): Promise<Socket[]> => Promise.all(Array.from({ length: count }, (_, i) => new Promise<Socket>((resolve, reject) => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(`GET /api/v1/stream?run=${run}&since=now HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`));
  socket.once('error', reject).once('data', () => {
    resolve(socket);
    if (heard) socket.on('data', (chunk: Buffer) => heard(chunk, i));
    else socket.pause();
  });
})));

interface Publishing {
  readonly batches: number;
  readonly cpu: number;
  readonly seconds: number;
}

/** Publishes batches of one row, `rate` a second; the first metric is the time at which it was sent. */
async function publish(server: Running, run: string, rate: number, seconds: number, firstSeq = 1): Promise<Publishing> {
  const [cpu, began] = [cpuSeconds(server), performance.now()];
  const batches = rate * seconds;
  for (let sent = 0; sent < batches;) {
    const due = Math.min(batches, Math.ceil(((performance.now() - began) / 1000) * rate));
    for (; sent < due; sent += 1) {
      const values = [performance.timeOrigin + performance.now(), Math.random(), Math.random(), Math.random()];
      await send(`${server.url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints({
        writer: 'bench', seq: firstSeq + sent, attempt: 0, t0: 1.79e12 + sent, step: Float64Array.of(firstSeq + sent), dt: Float64Array.of(0), columns: values.map((value, i) => ({ metric: `m${i}`, values: Float64Array.of(value) })),
      }));
    }
    await pause(1);
  }
  const wall = (performance.now() - began) / 1000;
  await pause(300);
  return { batches, cpu: cpuSeconds(server) - cpu, seconds: wall };
}

export async function following(server: Running, subscribers: number, say: (line: string) => void): Promise<object[]> {
  const rows: object[] = [];
  await begin(server, 'followed');
  const late: number[] = [];
  const streams = await follow(server, 'followed', subscribers, (chunk, i) => {
    if (i % 50 > 0) return;
    for (const [, times] of chunk.toString('latin1').matchAll(/"m0":\[([\d.,]+)\]/g)) for (const sent of times.split(',')) late.push(performance.timeOrigin + performance.now() - Number(sent));
  });
  await publish(server, 'followed', 200, 1);
  late.length = 0;
  const { batches, cpu, seconds } = await publish(server, 'followed', 200, 5, 1000);
  rows.push({ question: 'following', subscribers, batches, deliveriesPerSecond: rounded((batches * subscribers) / seconds), deliveriesPerCpuSecond: rounded((batches * subscribers) / cpu), lateP50: rounded(median(late)), lateP99: rounded(quantile(late, 0.99)) });
  say(JSON.stringify(rows.at(-1)));
  for (const stream of streams) stream.destroy();

  await settled(server);
  const before = residentMegabytes(server);
  const idle = await follow(server, 'followed', 2000, () => {});
  await settled(server);
  rows.push({ question: 'idle streams', streams: idle.length, megabytes: rounded(residentMegabytes(server) - before) });
  say(JSON.stringify(rows.at(-1)));
  for (const stream of idle) stream.destroy();

  rows.push(await deaf(server));
  say(JSON.stringify(rows.at(-1)));
  return rows;
}

/** Points that a run takes with and without 20 followers that never read, in turn. */
async function deaf(server: Running): Promise<object> {
  const rates = { without: [] as number[], with: [] as number[] };
  const grown: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    for (const readers of [0, 20]) {
      const run = `deaf${round}-${readers}`;
      await begin(server, run);
      await settled(server);
      const before = residentMegabytes(server);
      const streams = await follow(server, run, readers);
      const { batches, cpu } = await publish(server, run, 400, 4);
      rates[readers === 0 ? 'without' : 'with'].push(batches / cpu);
      if (readers > 0) grown.push((residentMegabytes(server) - before) / readers);
      for (const stream of streams) stream.destroy();
    }
  }
  return { question: 'readers that never read', readers: 20, megabytesEach: rounded(median(grown)), throughput: rounded(median(rates.with.map((rate, i) => rate / rates.without[i]))) };
}
