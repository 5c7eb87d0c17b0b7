/**
 * What does it cost to go past one machine, and how long does it take to get over a death? The same batches (10 metrics x 100
 * steps, as frames, eight runs) into one server with SQLite, one with PostgreSQL, and one, two and three with PostgreSQL behind
 * NATS JetStream, in turn; points per second of the clock and of all processor time: servers, database and broker. Then a
 * server is killed, the broker and the database are killed and started again, while batches come to a server that lives: the
 * longest a run waits for an answer that says that its points are stored.
 *
 * `npm run bench -- scale-out [--rounds 3] [--batches 400] [--kills 3] [--json]`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodePoints, pointsMediaType, type PointsAnswer } from '@gradstream/protocol';
import { hasNats, hasPostgres, privateNats, privatePostgres } from '@gradstream/server/testing';
import { machine, median, quantile, rounded, versions } from './harness.ts';
import { begin, killAll, pause, send, startOurs, stop, type Running } from './server/databases.ts';
import { batchOf } from './server/ingest.ts';

const text = { type: 'string' } as const;
const { values: flags } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { ...text, default: '3' }, batches: { ...text, default: '400' }, kills: { ...text, default: '3' } } });
const say = (line: string): void => void process.stderr.write(`${line}\n`);
if (!hasNats() || !hasPostgres()) {
  say('scale-out needs nats-server and postgresql: apt-get install nats-server postgresql');
  process.exit(2);
}
const root = mkdtempSync(join(tmpdir(), 'gradstream-bench-'));
process.once('exit', () => {
  killAll();
  rmSync(root, { recursive: true, force: true });
});
const [broker, database] = await Promise.all([privateNats(), privatePostgres()]);
let schemas = 0;
const newSchema = (): string => `${database.url}?schema=bench${(schemas += 1)}`;

/** Seconds of processor time of a process and of its children, those that ended included. */
function cpuOf(pid: number): number {
  const fieldsOf = (id: string): string[] | undefined => {
    try {
      return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1].split(' ');
    } catch {
      return undefined;
    }
  };
  const sum = (fields: string[] | undefined, from: number, to: number): number => (fields ?? []).slice(from, to).reduce((n, ticks) => n + Number(ticks), 0) / 100;
  const children = readdirSync('/proc').filter((id) => /^\d+$/.test(id)).map(fieldsOf).filter((fields) => fields?.[1] === String(pid));
  return sum(fieldsOf(String(pid)), 11, 15) + children.reduce((n, fields) => n + sum(fields, 11, 13), 0);
}

const runs = Array.from({ length: 8 }, (_, i) => `run${i}`);
const waiting = async ({ url }: Running): Promise<number> => Number(/gradstream_bus_waiting (\d+)/.exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0);

/** Batches of eight runs, each run's to one of the servers, over two connections a run. */
async function take(servers: readonly Running[], others: readonly number[], batches: number): Promise<{ wall: number; cpu: number }> {
  for (const run of runs) await begin(servers[0], run);
  await pause(1500);
  const cpu = (): number => [...servers.map(({ child }) => child.pid!), ...others].reduce((n, pid) => n + cpuOf(pid), 0);
  const [before, began] = [cpu(), performance.now()];
  await Promise.all(runs.flatMap((run, r) => [0, 1].map(async (half) => {
    for (let seq = 1 + half; seq <= batches / runs.length; seq += 2) await send(`${servers[r % servers.length].url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints(batchOf(seq)));
  })));
  for (const server of servers) while ((await waiting(server)) > 0) await pause(20);
  const points = batches * 1000;
  return { wall: points / ((performance.now() - began) / 1000), cpu: points / (cpu() - before) };
}

const sides: readonly { name: string; servers: number; place(): string; bus?: boolean }[] = [
  { name: 'SQLite, 1 server', servers: 1, place: () => join(root, `sqlite${(schemas += 1)}`) },
  { name: 'PostgreSQL, 1 server', servers: 1, place: newSchema },
  ...[1, 2, 3].map((servers) => ({ name: `PostgreSQL behind JetStream, ${servers} server${servers > 1 ? 's' : ''}`, servers, place: newSchema, bus: true })),
];

async function ingest(rounds: number, batches: number): Promise<object[]> {
  const taken = sides.map(() => [] as { wall: number; cpu: number }[]);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [i, { name, servers, place, bus }] of sides.entries()) {
      const at = place();
      const running = await Promise.all(Array.from({ length: servers }, () => startOurs(at, bus ? ['--bus', broker.url] : [])));
      const measured = await take(running, at.startsWith('postgres') ? [database.pid, ...(bus ? [broker.pid] : [])] : [], batches);
      await Promise.all(running.map(stop));
      if (round === 0) continue;
      taken[i].push(measured);
      say(`${round} of ${rounds}: ${name}: ${Math.round(measured.wall)} points/s, ${Math.round(measured.cpu)} per processor second`);
    }
  }
  return sides.map(({ name }, i) => {
    const over = (by: 'wall' | 'cpu', j: number): number[] => {
      const ratios = taken[i].map((mine, round) => mine[by] / taken[j][round][by]);
      return [rounded(median(ratios)), rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))];
    };
    return { question: 'ingest', side: name, perSecond: rounded(median(taken[i].map(({ wall }) => wall))), perCpuSecond: rounded(median(taken[i].map(({ cpu }) => cpu))), ratioTo: { SQLite: { wall: over('wall', 0), cpu: over('cpu', 0) }, 'one server behind JetStream': { wall: over('wall', 2), cpu: over('cpu', 2) } } };
  });
}

/** The longest that a run waits, ms, from before a death on, for an answer that says that its points are stored. */
async function recoveries(kills: number): Promise<object[]> {
  const place = newSchema();
  const start = (): Promise<Running> => startOurs(place, ['--bus', broker.url]);
  const [alive, second, spare] = await Promise.all([start(), start(), start()]);
  const mortal = { second };
  for (const run of runs) await begin(alive, run);
  await pause(2000);
  let seq = 0;
  const gaps = async (death: () => Promise<void>): Promise<number> => {
    const until = performance.now() + 15_000;
    let longest = 0;
    const writers = runs.map(async (run) => {
      let last = performance.now();
      while (performance.now() < until) {
        const answer = await send(`${alive.url}/api/v1/runs/${run}/points`, pointsMediaType, encodePoints({ ...batchOf((seq += 1)), writer: run })).then((body) => JSON.parse(body) as PointsAnswer, () => undefined);
        const now = performance.now();
        if (answer && !answer.queued) {
          longest = Math.max(longest, now - last);
          last = now;
        }
        await pause(10);
      }
      longest = Math.max(longest, performance.now() - last);
    });
    await pause(500);
    await death();
    await Promise.all(writers);
    return longest;
  };
  const deaths: Record<string, () => Promise<void>> = {
    'nothing dies': async () => {},
    'a server is killed': async () => {
      mortal.second.child.kill('SIGKILL');
      await pause(3000);
      mortal.second = await start();
    },
    'the broker is killed and started again': async () => {
      await broker.kill();
      await broker.start();
    },
    'the database is killed and started again': async () => {
      await database.kill();
      await database.start();
    },
  };
  const rows: object[] = [];
  for (const [death, cause] of Object.entries(deaths)) {
    const longest: number[] = [];
    for (let i = 0; i < kills; i += 1) longest.push(await gaps(cause));
    rows.push({ question: 'recovery', death, longestWaitMs: longest.map(Math.round) });
    say(`${death}: longest wait for an answer that says "stored" ${longest.map(Math.round).join(', ')} ms`);
  }
  await Promise.all([alive, mortal.second, spare].map(stop));
  return rows;
}

const rows = [...(flags.rounds === '0' ? [] : await ingest(Number(flags.rounds), Number(flags.batches))), ...(await recoveries(Number(flags.kills)))];
const report = { question: 'What does it cost to go past one machine, and how long does it take to get over a death?', durability: 'fsync of SQLite or of PostgreSQL before the answer', machine: machine(), versions: versions(), rows };
process.stdout.write(`${flags.json ? JSON.stringify(report) : JSON.stringify(report, undefined, 2)}\n`);
await Promise.all([broker.remove(), database.remove()]);
process.exit(0);
