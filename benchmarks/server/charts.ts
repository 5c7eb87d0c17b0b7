/** How long a chart of 1,000 buckets takes, of a series of a million points and of one of many, and what a point takes on the disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { encodePoints, pointsMediaType } from '@gradstream/protocol';
import { median, quantile, rounded } from '../harness.ts';
import { begin, cpuSeconds, send, settled, startOurs, stop, timed, type Running } from './databases.ts';

const t0 = 1_790_000_000_000;
const valueAt = (i: number): number => Math.fround(2 * Math.exp(-i / 3e5) + 0.1 * Math.sin(i * 1.37));

/** Fills a series with a point every 10 ms; `put` writes points from one number on and before another. */
async function fill(points: number, atATime: number, put: (from: number, to: number, seq: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: 2 }, async () => {
    for (let seq = next++; seq * atATime < points; seq = next++) await put(seq * atATime, Math.min(points, (seq + 1) * atATime), seq + 1);
  }));
}

async function fillOurs(server: Running, run: string, points: number): Promise<void> {
  await begin(server, run);
  await fill(points, 10_000, (from, to, seq) => {
    const step = Float64Array.from({ length: to - from }, (_, i) => from + i);
    return send(`${server.url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints({ writer: 'bench', seq, attempt: 0, t0: t0 + from * 10, step, dt: step.map((_, i) => i * 10), columns: [{ metric: 'loss', values: step.map(valueAt) }] }));
  });
  await settled(server);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

async function row(side: string, points: number, server: Running, url: string, times = 200): Promise<object> {
  for (let i = 0; i < 20; i += 1) await timed(url);
  const [taken, before] = [[] as number[], cpuSeconds(server)];
  for (let i = 0; i < times; i += 1) taken.push(await timed(url));
  return { question: `chart of ${points} points in 1000 buckets, ms`, side, p50: rounded(median(taken)), p99: rounded(quantile(taken, 0.99)), serverCpu: rounded(((cpuSeconds(server) - before) * 1000) / times) };
}

/** Bytes of a folder's files. */
const bytesIn = (dir: string): number => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

export async function charts(root: string, long: number, victoria: Running | undefined, influx: Running | undefined, say: (line: string) => void): Promise<object[]> {
  const dir = join(root, 'charts');
  const server = await startOurs(dir);
  const rows: object[] = [];
  for (const points of [1_000_000, long]) {
    await fillOurs(server, `run${points}`, points);
    rows.push(await row('gradstream', points, server, `${server.url}/api/v1/runs/run${points}/series?metric=loss&points=1000`));
    say(JSON.stringify(rows.at(-1)));
  }
  rows.push(await dashboard(server));
  for (const points of [1_000_000, long]) await send(`${server.url}/api/v1/runs/run${points}`, 'application/json', '{"state":"finished"}', 'PATCH');
  await settled(server);
  await stop(server);
  rows.push({ question: 'bytes on the disk for each point, sealed, buckets included', side: 'gradstream', bytes: rounded(bytesIn(dir) / (1_000_000 + long + 50 * 4 * 10_000)) });

  const end = t0 + 1e7;
  if (victoria) {
    await fill(1_000_000, 10_000, (from, to) => send(`${victoria.url}/api/v1/import`, 'application/json', JSON.stringify({ metric: { __name__: 'long_loss' }, values: range(from, to).map(valueAt), timestamps: range(from, to).map((i) => t0 + i * 10) })));
    await settled(victoria);
    rows.push(await row('VictoriaMetrics, rollup', 1_000_000, victoria, `${victoria.url}/api/v1/query_range?query=${encodeURIComponent('rollup(long_loss[10s])')}&start=${t0 / 1000 + 10}&end=${end / 1000}&step=10s&nocache=1`, 50));
  }
  if (influx) {
    await fill(1_000_000, 5_000, (from, to) => send(`${influx.url}/write?db=bench&precision=ms`, 'text/plain', range(from, to).map((i) => `long loss=${valueAt(i)} ${t0 + i * 10}`).join('\n')));
    await settled(influx);
    rows.push(await row('InfluxDB, min and max', 1_000_000, influx, `${influx.url}/query?db=bench&epoch=ms&q=${encodeURIComponent(`SELECT min(loss), max(loss) FROM long WHERE time >= ${t0}ms AND time < ${end}ms GROUP BY time(10s)`)}`, 10));
  }
  return rows;
}

/** 50 runs x 4 charts in one request. */
async function dashboard(server: Running): Promise<object> {
  const [runs, metrics] = [Array.from({ length: 50 }, (_, i) => `panel${i}`), ['a', 'b', 'c', 'd']];
  for (const run of runs) {
    await begin(server, run);
    const step = Float64Array.from(range(0, 10_000));
    await send(`${server.url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints({ writer: 'bench', seq: 1, attempt: 0, t0, step, dt: step.map((_, i) => i * 10), columns: metrics.map((metric) => ({ metric, values: step.map(valueAt) })) }));
    await send(`${server.url}/api/v1/runs/${run}`, 'application/json', '{"state":"finished"}', 'PATCH');
  }
  await settled(server);
  const body = JSON.stringify({ runs, metrics, points: 300 });
  for (let i = 0; i < 5; i += 1) await send(`${server.url}/api/v1/series`, 'application/json', body);
  const [taken, before] = [[] as number[], cpuSeconds(server)];
  for (let i = 0; i < 20; i += 1) {
    const began = performance.now();
    await send(`${server.url}/api/v1/series`, 'application/json', body);
    taken.push(performance.now() - began);
  }
  return { question: '50 runs x 4 charts of 300 buckets, ms', side: 'gradstream', p50: rounded(median(taken)), serverCpu: rounded(((cpuSeconds(server) - before) * 1000) / 20) };
}
