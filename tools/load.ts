/**
 * `npm run load -- [--users 20] [--seconds 20] [--pause 100] [--abuse] [--json]`: users who publish, draw and list, on a metrics server
 * of its own on loopback. With `--abuse` they do so a second time while others hold connections open byte by byte, send gzip
 * bombs, deep JSON and a million metric names; then the 99th percentile may at most double, and memory must stay below 1 GB.
 * Exit code 1 where a request was refused, or where that does not hold.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { abuses } from './load/abuse.ts';
import { Times, user } from './load/scenario.ts';
import { freePort, ServerProcess } from './soak/server.ts';

const { values: flags } = parseArgs({ options: { users: { type: 'string', default: '20' }, seconds: { type: 'string', default: '20' }, pause: { type: 'string', default: '100' }, abuse: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } });
const [users, seconds, pauseMs] = [flags.users, flags.seconds, flags.pause].map(Number);
const store = mkdtempSync(join(tmpdir(), 'gradstream-load-'));
const server = await ServerProcess.start({ port: await freePort(), store });

const quantile = (sorted: readonly number[], q: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toPrecision(3));
const megabytes = (): number => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024);

async function phase(name: string, others: readonly string[]) {
  const until = performance.now() + seconds * 1000;
  const goesOn = (): boolean => performance.now() < until;
  const times = new Times();
  const abusers = others.map((other) => abuses[other](server.url, goesOn));
  await Promise.all(Array.from({ length: users }, (_, i) => user(server.url, others.length > 0 && i === 0 ? 'healthy' : `run${i}`, times, goesOn, pauseMs)));
  await Promise.all(abusers);
  const sorted = times.all().sort((a, b) => a - b);
  return { phase: name, requests: sorted.length, perSecond: Math.round(sorted.length / seconds), failures: times.failures, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), megabytes: megabytes() };
}

try {
  await phase('warm up', []);
  const quiet = await phase('users alone', []);
  const phases = [quiet];
  if (flags.abuse) {
    await fetch(`${server.url}/api/v1/runs/abused`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    for (const other of Object.keys(abuses)) phases.push(await phase(other, [other]));
    phases.push(await phase('all of it', Object.keys(abuses)));
  }
  for (const each of phases) {
    if (!flags.json) process.stdout.write(`${each.phase.padEnd(24)} ${String(each.perSecond).padStart(6)} requests/s, p50 ${each.p50} ms, p99 ${each.p99} ms (${(each.p99 / quiet.p99).toFixed(2)} x), ${each.failures} refused, at most ${each.megabytes} MB\n`);
    if (each.failures > 0 || each.p99 > 2 * quiet.p99 || each.megabytes > 1024) process.exitCode = 1;
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(phases)}\n`);
} finally {
  await server.kill();
  rmSync(store, { recursive: true, force: true });
}
