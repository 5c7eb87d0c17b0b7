/**
 * How many can follow a run, how late they hear of it, and what those cost who do nothing or never read. The crowd, the one
 * follower whose lateness counts and the publisher are three processes: a client that reads a thousand streams is late itself.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { encodePoints, pointsMediaType } from '@gradstream/protocol';
import { median, quantile, rounded } from '../harness.ts';
import type { Followed } from '../sides/followers.ts';
import { begin, cpuSeconds, pause, residentMegabytes, send, settled, type Running } from './databases.ts';

interface Followers {
  /** What came since this was asked last. */
  heard(): Promise<Followed>;
  end(): void;
}

const processes: ChildProcess[] = [];
process.once('exit', () => processes.forEach((each) => each.kill('SIGKILL')));

/** Streams of a run in a process of their own, all open. */
async function follow({ url }: Running, run: string, count: number, kind: 'heard' | 'counted' | 'deaf', since = 'now'): Promise<Followers> {
  const child = spawn(process.execPath, ['.cache/bench/side-followers.mjs', url, run, String(count), kind, since], { stdio: ['pipe', 'pipe', 'inherit'] });
  processes.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<Followed> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the followers ended');
    return JSON.parse(value) as Followed;
  };
  await next();
  return {
    heard: () => {
      child.stdin!.write('\n');
      return next();
    },
    end: () => void child.kill('SIGKILL'),
  };
}

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
  const crowd = await follow(server, 'followed', subscribers - 1, 'counted');
  const one = await follow(server, 'followed', 1, 'heard');
  await publish(server, 'followed', 200, 1);
  await Promise.all([crowd.heard(), one.heard()]);
  const { batches, cpu, seconds } = await publish(server, 'followed', 200, 5, 1000);
  const [all, { bytes, late }] = await Promise.all([crowd.heard(), one.heard()]);
  if (late.length !== batches || Math.abs(all.bytes / (bytes * (subscribers - 1)) - 1) > 0.05) throw new Error(`following: of ${batches} batches one follower heard ${late.length} in ${bytes} bytes, and ${subscribers - 1} others ${all.bytes} bytes`);
  rows.push({ question: 'following', subscribers, batches, deliveriesPerSecond: rounded((batches * subscribers) / seconds), deliveriesPerCpuSecond: rounded((batches * subscribers) / cpu), lateP50: rounded(median(late)), lateP99: rounded(quantile(late, 0.99)) });
  say(JSON.stringify(rows.at(-1)));
  crowd.end();
  one.end();

  await settled(server);
  const before = residentMegabytes(server);
  const idle = await follow(server, 'followed', 2000, 'counted');
  await settled(server);
  rows.push({ question: 'idle streams', streams: 2000, megabytes: rounded(residentMegabytes(server) - before) });
  say(JSON.stringify(rows.at(-1)));
  idle.end();

  rows.push(await deaf(server, say));
  say(JSON.stringify(rows.at(-1)));
  return rows;
}

/**
 * Deliveries to 200 followers with and without 20 that never read, in turn. The deaf ask for everything that a run with
 * 400,000 points has, which is more than the kernel's buffers take: they are behind before anything is measured.
 */
async function deaf(server: Running, say: (line: string) => void, { rounds = 8, readers = 20, followers = 200, rate = 200, seconds = 2 } = {}): Promise<object> {
  const run = 'deaf';
  await begin(server, run);
  const step = Float64Array.from({ length: 100_000 }, (_, i) => i);
  await send(`${server.url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints({ writer: 'long', seq: 1, attempt: 0, t0: 1.7e12, step, dt: step, columns: ['a', 'b', 'c', 'd'].map((metric) => ({ metric, values: step.map((x) => Math.sin(x)) })) }));
  const crowd = await follow(server, run, followers, 'counted');
  const rates = { without: [] as number[], with: [] as number[] };
  const grown: number[] = [];
  await publish(server, run, rate, seconds, 1);
  for (let round = 0; round < 2 * rounds; round += 1) {
    const isDeaf = round % 2 !== Math.floor(round / 2) % 2;
    await settled(server);
    const before = residentMegabytes(server);
    const never = isDeaf ? await follow(server, run, readers, 'deaf', '0') : undefined;
    await settled(server);
    if (never) grown.push((residentMegabytes(server) - before) / readers);
    const { batches, cpu } = await publish(server, run, rate, seconds, 1000 * (round + 2));
    rates[isDeaf ? 'with' : 'without'].push((batches * followers) / cpu);
    never?.end();
  }
  crowd.end();
  const ratios = rates.with.map((with_, i) => with_ / rates.without[i]);
  say(`deliveries per processor second without: ${rates.without.map(Math.round).join(' ')}; with: ${rates.with.map(Math.round).join(' ')}`);
  return { question: 'readers that never read', readers, followers, megabytesEach: rounded(median(grown)), throughput: rounded(median(ratios)), spread: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))] };
}
