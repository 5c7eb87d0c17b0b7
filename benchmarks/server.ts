/**
 * How much does the metrics server take, how fast does it draw, how many can follow, how many runs can it list? Each server is a
 * process of its own on loopback, in turn with VictoriaMetrics and InfluxDB 1.x where these are installed. Ours and InfluxDB
 * wait for the disk before they answer, VictoriaMetrics does not. Rates per second of the server's processor time are given until
 * the last answer, and with the work that was put off.
 *
 * `npm run bench -- server [--rounds 3] [--batches 1500] [--subscribers 1000] [--long 20000000] [--runs 10000] [--only ingest,charts,following,runs] [--json]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, versions } from './harness.ts';
import { charts } from './server/charts.ts';
import { installed, killAll, startInflux, startOurs, startVictoriaMetrics } from './server/databases.ts';
import { following } from './server/following.ts';
import { ingest, sidesOf } from './server/ingest.ts';
import { manyRuns } from './server/many-runs.ts';

const text = { type: 'string' } as const;
const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { ...text, default: '3' }, batches: { ...text, default: '1500' }, subscribers: { ...text, default: '1000' }, long: { ...text, default: '20000000' }, runs: { ...text, default: '10000' }, only: { ...text, default: 'ingest,charts,following,runs' } } });
const wanted = new Set(flags.only.split(','));
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const root = mkdtempSync(join(tmpdir(), 'gradstream-bench-'));
process.once('exit', () => {
  killAll();
  rmSync(root, { recursive: true, force: true });
});

const peers = wanted.has('ingest') || wanted.has('charts');
const victoria = peers && installed('victoria-metrics') ? await startVictoriaMetrics(root) : undefined;
const influx = peers && installed('influxd') ? await startInflux(root) : undefined;
const ours = await startOurs(join(root, 'ours'));
const skipped = [...(peers && !victoria ? ['VictoriaMetrics is not installed (Debian: victoria-metrics)'] : []), ...(peers && !influx ? ['InfluxDB is not installed (Debian: influxdb)'] : [])];
const rows: object[] = [];
if (wanted.has('ingest')) rows.push(...(await ingest(sidesOf(ours, victoria, influx), { rounds: Number(flags.rounds), batches: Number(flags.batches) }, say)));
if (wanted.has('charts')) rows.push(...(await charts(root, Number(flags.long), victoria, influx, say)));
if (wanted.has('following')) rows.push(...(await following(ours, Number(flags.subscribers), say)));
if (wanted.has('runs')) rows.push(...(await manyRuns(root, Number(flags.runs), say)));

const report = { question: 'How much does the metrics server take, how fast does it draw, how many can follow?', durability: 'gradstream: fsync before the answer; VictoriaMetrics: later; InfluxDB: fsync before the answer', machine: machine(), versions: versions(), rows, skipped };
process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, undefined, 2)}\n`);
process.exit(0);
