/** How many points a server takes: batches of 10 metrics x 100 steps over 4 connections. */
import { encodePoints, formatPoints, pointsMediaType, stringify, type PointsBatch } from '@gradstream/protocol';
import { median, quantile, rounded } from '../harness.ts';
import { begin, cpuSeconds, send, settled, type Running } from './databases.ts';

/** One way to put a batch into a database: its address and its body. */
interface Side {
  readonly name: string;
  readonly server: Running;
  put(run: string, batch: PointsBatch): { readonly path: string; readonly type: string; readonly body: Uint8Array | string };
  begin?(run: string): Promise<unknown>;
}

/** Points a second of the clock; of the server's processor time until the last answer, and until it has done what it put off. */
interface Taken {
  readonly wall: number;
  readonly cpu: number;
  readonly settled: number;
}

/** Steps of 100, a clock that jitters, losses as 32-bit floats. */
export function batchOf(seq: number): PointsBatch {
  const step = Float64Array.from({ length: 100 }, (_, i) => (seq - 1) * 100 + i);
  return {
    writer: 'bench', seq, attempt: 0, t0: 1_790_000_000_000 + seq * 1000, step, dt: step.map((s, i) => i * 10 + ((s * 7919) % 3)),
    columns: Array.from({ length: 10 }, (_, c) => ({ metric: `train/metric${c}`, values: step.map((s) => Math.fround(Math.exp(-s / 1e5) + 0.1 * Math.sin(s * (c + 1.37)))) })),
  };
}

export function sidesOf(ours: Running, victoria: Running | undefined, influx: Running | undefined): Side[] {
  const log = ({ t0, dt, step, columns }: PointsBatch) => columns.flatMap(({ metric, values }) => Array.from(values, (value, i) => ({ key: metric, value, timestamp: Math.round(t0 + dt[i]), step: step[i] })));
  const imported = (run: string, { t0, dt, columns }: PointsBatch) => columns.map(({ metric, values }) => JSON.stringify({ metric: { __name__: metric, run }, values: [...values], timestamps: Array.from(dt, (ms) => t0 + ms) })).join('\n');
  const lines = (run: string, { t0, dt, step, columns }: PointsBatch) => Array.from(step, (_, i) => `points,run=${run} ${columns.map(({ values }, c) => `m${c}=${values[i]}`).join(',')} ${t0 + dt[i]}`).join('\n');
  const mine = { server: ours, begin: (run: string) => begin(ours, run) };
  return [
    { ...mine, name: 'gradstream, frames', put: (run, batch) => ({ path: `/api/v1/runs/${run}/points`, type: pointsMediaType, body: encodePoints(batch) }) },
    { ...mine, name: 'gradstream, JSON columns', put: (run, batch) => ({ path: `/api/v1/runs/${run}/points`, type: 'application/json', body: stringify(formatPoints(batch)) }) },
    { ...mine, name: 'gradstream, MLflow log-batch', put: (run, batch) => ({ path: '/api/2.0/mlflow/runs/log-batch', type: 'application/json', body: JSON.stringify({ run_id: run, metrics: log(batch) }) }) },
    ...(victoria ? [{ name: 'VictoriaMetrics, JSON import', server: victoria, put: (run: string, batch: PointsBatch) => ({ path: '/api/v1/import', type: 'application/json', body: imported(run, batch) }) }] : []),
    ...(influx ? [{ name: 'InfluxDB, lines', server: influx, put: (run: string, batch: PointsBatch) => ({ path: '/write?db=bench&precision=ms', type: 'text/plain', body: lines(run, batch) }) }] : []),
  ];
}

async function take({ server, put, begin: open }: Side, run: string, batches: number): Promise<Taken> {
  await open?.(run);
  const calls = Array.from({ length: batches }, (_, i) => put(run, batchOf(i + 1)));
  const before = await settled(server);
  const began = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let i = next++; i < batches; i = next++) await send(server.url + calls[i].path, calls[i].type, calls[i].body);
  }));
  const [wall, cpu] = [(performance.now() - began) / 1000, cpuSeconds(server) - before];
  const points = batches * 1000;
  return { wall: points / wall, cpu: points / cpu, settled: points / ((await settled(server)) - before) };
}

/** All sides in turn, `rounds` times, after one round that does not count. */
export async function ingest(sides: readonly Side[], { rounds, batches }: { rounds: number; batches: number }, say: (line: string) => void): Promise<object[]> {
  const results = new Map(sides.map(({ name }) => [name, [] as Taken[]]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of sides) {
      const taken = await take(side, `r${round}-${sides.indexOf(side)}`, batches);
      if (round === 0) continue;
      results.get(side.name)!.push(taken);
      say(`ingest ${round} of ${rounds}: ${side.name}: ${Math.round(taken.wall)} points/s, ${Math.round(taken.cpu)} per processor second, ${Math.round(taken.settled)} with what was put off`);
    }
  }
  return sides.map(({ name }) => {
    const mine = results.get(name)!;
    const over = (other: string, by: keyof Taken) => {
      const ratios = mine.map((taken, i) => taken[by] / results.get(other)![i][by]);
      return [rounded(median(ratios)), rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))];
    };
    return {
      question: 'ingest', side: name, perSecond: rounded(median(mine.map(({ wall }) => wall))), perCpuSecond: rounded(median(mine.map(({ cpu }) => cpu))), perCpuSecondSettled: rounded(median(mine.map(({ settled: s }) => s))),
      ratioTo: Object.fromEntries(sides.filter((other) => other.name !== name && !other.name.startsWith('gradstream')).map((other) => [other.name, { wall: over(other.name, 'wall'), cpu: over(other.name, 'cpu'), settled: over(other.name, 'settled') }])),
    };
  });
}
