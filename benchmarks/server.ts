/**
 * How much does the metrics server take, how fast does it draw, how many can follow? Batches of 10 metrics x 100 steps over
 * 4 connections into a server process of its own, in turn with VictoriaMetrics (JSON import; does not wait for the disk)
 * and InfluxDB 1.x (lines; fsync before the answer), where these are installed; ours fsyncs before the answer. Charts of
 * a million points in 1,000 buckets over HTTP. One run followed by many subscribers.
 *
 * `npm run bench -- server [--rounds 3] [--batches 500] [--subscribers 200] [--json]`
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodePoints, formatPoints, pointsMediaType, stringify, type PointsBatch } from '@gradstream/protocol';
import { machine, median, quantile, rounded, versions } from './harness.ts';

const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '3' }, batches: { type: 'string', default: '500' }, subscribers: { type: 'string', default: '200' } } });
const [rounds, batches, subscribers] = [Number(flags.rounds), Number(flags.batches), Number(flags.subscribers)];
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const root = mkdtempSync(join(tmpdir(), 'gradstream-bench-'));

/** A database as a process of its own. */
interface Running {
  readonly url: string;
  readonly child: ChildProcess;
}

/** One way to put a batch into a database: its address and its body. */
interface Side {
  readonly name: string;
  readonly server: Running;
  put(run: string, batch: PointsBatch): { readonly path: string; readonly type: string; readonly body: Uint8Array | string };
  begin?(run: string): Promise<unknown>;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

const children: ChildProcess[] = [];
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

async function start(command: string, args: (port: number) => string[], health: string, env: (port: number) => Record<string, string> = () => ({})): Promise<Running> {
  const port = await freePort();
  const child = spawn(command, args(port), { stdio: 'ignore', env: { ...process.env, ...env(port) } });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 200; i += 1) {
    if (await fetch(url + health).then((response) => response.ok, () => false)) return { url, child };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${command} does not answer`);
}

/** Seconds of processor time that a process has used. */
function cpuSeconds({ child }: Running): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const send = (url: string, type: string, body: Uint8Array | string, method = 'POST'): Promise<string> => new Promise((resolve, reject) => {
  const call = request(url, { method, agent, headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) } }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => (response.statusCode! < 300 ? resolve(text) : reject(new Error(`${url}: ${response.statusCode} ${text}`))));
  });
  call.once('error', reject);
  call.end(body);
});

/** Steps of 100, a clock that jitters, losses as 32-bit floats. */
function batchOf(seq: number): PointsBatch {
  const step = Float64Array.from({ length: 100 }, (_, i) => (seq - 1) * 100 + i);
  return {
    writer: 'bench', seq, attempt: 0, t0: 1_790_000_000_000 + seq * 1000, step, dt: step.map((s, i) => i * 10 + ((s * 7919) % 3)),
    columns: Array.from({ length: 10 }, (_, c) => ({ metric: `train/metric${c}`, values: step.map((s) => Math.fround(Math.exp(-s / 1e5) + 0.1 * Math.sin(s * (c + 1.37)))) })),
  };
}

const ours = await start(process.execPath, (port) => ['apps/metrics-server/dist/main.js', '--port', String(port), '--store', join(root, 'ours')], '/health');
const skipped: string[] = [];
const sides: Side[] = [
  { name: 'gradstream, frames', server: ours, begin: (run) => send(`${ours.url}/api/v1/runs/${run}`, 'application/json', '{}', 'PUT'), put: (run, batch) => ({ path: `/api/v1/runs/${run}/points`, type: pointsMediaType, body: encodePoints(batch) }) },
  { name: 'gradstream, JSON', server: ours, begin: (run) => send(`${ours.url}/api/v1/runs/${run}`, 'application/json', '{}', 'PUT'), put: (run, batch) => ({ path: `/api/v1/runs/${run}/points`, type: 'application/json', body: stringify(formatPoints(batch)) }) },
];
const installed = (command: string): boolean => spawnSync('which', [command]).status === 0;

if (installed('victoria-metrics')) {
  const server = await start('victoria-metrics', (port) => [`-storageDataPath=${join(root, 'vm')}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=1200'], '/health');
  const lines = (run: string, { t0, dt, columns }: PointsBatch) => columns.map(({ metric, values }) => JSON.stringify({ metric: { __name__: metric, run }, values: [...values], timestamps: Array.from(dt, (ms) => t0 + ms) })).join('\n');
  sides.push({ name: 'VictoriaMetrics, JSON import', server, put: (run, batch) => ({ path: '/api/v1/import', type: 'application/json', body: lines(run, batch) }) });
} else skipped.push('VictoriaMetrics is not installed (Debian: victoria-metrics)');

if (installed('influxd')) {
  const rpc = await freePort();
  const server = await start('influxd', () => [], '/ping', (port) => ({
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`, INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpc}`, INFLUXDB_DATA_DIR: join(root, 'influx/data'), INFLUXDB_META_DIR: join(root, 'influx/meta'), INFLUXDB_DATA_WAL_DIR: join(root, 'influx/wal'), INFLUXDB_REPORTING_DISABLED: 'true', INFLUXDB_HTTP_LOG_ENABLED: 'false',
  }));
  await send(`${server.url}/query?q=CREATE%20DATABASE%20bench`, 'text/plain', '');
  const lines = (run: string, { t0, dt, step, columns }: PointsBatch) => Array.from(step, (_, i) => `points,run=${run} ${columns.map(({ values }, c) => `m${c}=${values[i]}`).join(',')} ${t0 + dt[i]}`).join('\n');
  sides.push({ name: 'InfluxDB, lines', server, put: (run, batch) => ({ path: '/write?db=bench&precision=ms', type: 'text/plain', body: lines(run, batch) }) });
} else skipped.push('InfluxDB is not installed (Debian: influxdb)');

/** Points a second, of the clock and of the server's processor time. */
async function ingest({ server, put, begin }: Side, run: string): Promise<{ wall: number; cpu: number }> {
  await begin?.(run);
  const calls = Array.from({ length: batches }, (_, i) => put(run, batchOf(i + 1)));
  const [cpu, wall] = [cpuSeconds(server), performance.now()];
  let next = 0;
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let i = next++; i < batches; i = next++) await send(server.url + calls[i].path, calls[i].type, calls[i].body);
  }));
  const points = batches * 1000;
  return { wall: points / ((performance.now() - wall) / 1000), cpu: points / (cpuSeconds(server) - cpu) };
}

const measured = new Map(sides.map(({ name }) => [name, [] as { wall: number; cpu: number }[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const side of sides) {
    const took = await ingest(side, `r${round}${side.name.includes('JSON') ? 'j' : 'b'}`);
    measured.get(side.name)!.push(took);
    process.stderr.write(`round ${round + 1}: ${side.name}: ${Math.round(took.wall)} points/s, ${Math.round(took.cpu)} per processor second\n`);
  }
}
const first = measured.get(sides[0].name)!;
const rows: object[] = sides.map(({ name }) => {
  const mine = measured.get(name)!;
  const ratios = mine.map(({ cpu }, i) => first[i].cpu / cpu);
  return { question: 'ingest', side: name, perSecond: rounded(median(mine.map(({ wall }) => wall))), perCpuSecond: rounded(median(mine.map(({ cpu }) => cpu))), framesOverThis: { cpu: rounded(median(ratios)), spread: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))], wall: rounded(median(mine.map(({ wall }, i) => first[i].wall / wall))) } };
});

/** A chart of a long series. */
const timed = (url: string): Promise<number> => new Promise((resolve, reject) => {
  const began = performance.now();
  get(url, { agent }, (response) => response.on('data', () => {}).on('end', () => resolve(performance.now() - began))).once('error', reject);
});
await sides[0].begin!('long');
for (let seq = 1; seq <= 1000; seq += 1) {
  const step = Float64Array.from({ length: 1000 }, (_, i) => (seq - 1) * 1000 + i);
  await send(`${ours.url}/api/v1/runs/long/points`, pointsMediaType, encodePoints({ writer: 'bench', seq, attempt: 0, t0: seq * 1e5, step, dt: step.map((_, i) => i), columns: [{ metric: 'loss', values: step.map((s) => Math.fround(Math.sin(s / 1e3))) }] }));
}
const charts: number[] = [];
for (let i = 0; i < 100; i += 1) charts.push(await timed(`${ours.url}/api/v1/runs/long/series?metric=loss&points=1000`));
rows.push({ question: 'chart of 1,000,000 points in 1,000 buckets, ms', p50: rounded(median(charts)), p99: rounded(quantile(charts, 0.99)) });

/** Deliveries to many subscribers of one run. */
await sides[0].begin!('followed');
const followers = new Agent({ keepAlive: true, maxSockets: Infinity });
let delivered = 0;
const streams = await Promise.all(Array.from({ length: Math.min(subscribers, 64) }, () => new Promise<{ destroy(): void }>((resolve, reject) => {
  get(`${ours.url}/api/v1/stream?run=followed&since=now&every=50ms`, { agent: followers }, (response) => {
    response.on('data', (chunk: Buffer) => (delivered += chunk.toString().split('event: points').length - 1));
    resolve(response);
  }).once('error', reject);
})));
const [cpuBefore, wallBefore] = [cpuSeconds(ours), performance.now()];
for (let seq = 1; seq <= 400; seq += 1) await send(`${ours.url}/api/v1/runs/followed/points`, pointsMediaType, encodePoints({ ...batchOf(seq), seq }));
await new Promise((resolve) => setTimeout(resolve, 300));
rows.push({ question: 'following', subscribers: streams.length, batches: 400, framesDelivered: delivered, seconds: rounded((performance.now() - wallBefore) / 1000), serverCpuSeconds: rounded(cpuSeconds(ours) - cpuBefore) });
for (const stream of streams) stream.destroy();

const report = { question: 'How much does the metrics server take, how fast does it draw, how many can follow?', durability: 'gradstream: fsync before the answer; VictoriaMetrics: later; InfluxDB: fsync before the answer', machine: machine(), versions: versions(), rows, skipped };
process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, undefined, 2)}\n`);
process.exit(0);
