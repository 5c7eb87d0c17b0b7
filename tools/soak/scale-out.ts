import { natsTransport } from '@gradstream/client/nats';
import { privateNats, privatePostgres } from '@gradstream/server/testing';
import { compare } from './crashes.ts';
import { Follower } from './follower.ts';
import { seeded } from './random.ts';
import { freePort, ServerProcess } from './server.ts';
import { Writer } from './writer.ts';

export interface ScaleOutReport {
  /** What was killed, and how often. */
  readonly kills: { readonly server: number; readonly broker: number; readonly database: number };
  readonly acknowledged: number;
  /** Requests that were refused or broken off; each was sent again. */
  readonly failures: number;
  readonly lost: number;
  readonly repeated: number;
  /** Points that a follower did not get, of all that were acknowledged in its run; and those that came twice. */
  readonly unseen: number;
  readonly seenTwice: number;
  /** Gaps in a log or in what a follower saw, and values that changed, a sentence each. */
  readonly faults: readonly string[];
}

const servers = 3;
const runs = ['shared', 'alone', 'direct'] as const;
const kinds = ['database', 'server', 'broker'] as const;

/**
 * Three servers over one broker and one database, which all die again and again: killed, restarted in any order, at times
 * two at once. Writers write to each server and straight to the bus; every server is followed. Then the log and what every
 * follower saw are held against what was acknowledged.
 */
export async function scaleOutCycles(cycles: number, seed: number, say: (line: string) => void = () => {}): Promise<ScaleOutReport> {
  const random = seeded(seed);
  const [broker, database] = await Promise.all([privateNats(), privatePostgres()]);
  const ports = await Promise.all(Array.from({ length: servers }, () => freePort()));
  const start = (i: number): Promise<ServerProcess> => ServerProcess.start({ port: ports[i], store: database.url, flags: ['--bus', broker.url] });
  const running = await Promise.all(ports.map((_, i) => start(i)));
  const urls = running.map(({ url }) => url);
  const bus = await natsTransport(broker.url);
  const writers = [
    new Writer(urls[0], 'shared', 'p', seeded(seed + 1)), new Writer(urls[1], 'shared', 'q', seeded(seed + 2)),
    new Writer(urls[2], 'alone', 's', seeded(seed + 3)), new Writer(bus.url, 'direct', 'd', seeded(seed + 4), bus.fetch),
  ];
  const followers: Follower[] = [];
  const kills = { server: 0, broker: 0, database: 0 };
  try {
    for (const run of runs) await fetch(`${urls[0]}/api/v1/runs/${run}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    for (const url of urls) for (const run of runs) followers.push(new Follower(url, run));
    const work = Promise.all(writers.map((writer) => writer.work()));

    const restart = async (what: keyof typeof kills): Promise<void> => {
      kills[what] += 1;
      const down = 1500 * random() ** 2;
      if (what === 'server') {
        const i = Math.floor(random() * servers);
        await running[i].kill();
        await new Promise((resolve) => setTimeout(resolve, down));
        running[i] = await start(i);
        return;
      }
      const service = what === 'broker' ? broker : database;
      await service.kill();
      await new Promise((resolve) => setTimeout(resolve, down));
      await service.start();
    };
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200 + 1500 * random() ** 2));
      const first = kinds[cycle < kinds.length ? cycle : Math.floor(kinds.length * random())];
      const second = random() < 0.25 ? (first === 'server' ? 'broker' : 'server') : undefined;
      await Promise.all([restart(first), ...(second ? [restart(second)] : [])]);
      if ((cycle + 1) % 10 === 0) say(`${cycle + 1} of ${cycles} cycles, ${writers.reduce((n, { acknowledged }) => n + acknowledged.size, 0)} points acknowledged`);
    }

    for (const writer of writers) writer.stop();
    await work;
    const health = async (): Promise<string> => (await fetch(`${urls[0]}/health`)).text();
    await until(async () => (await health()).includes('; 0 messages wait'), async () => `${await health()}; ${running.map(({ complaint }) => complaint).join('; ')}`);
    const report = await compare(urls[0], writers);
    const heads = new Map(await Promise.all(runs.map(async (run) => [run, ((await (await fetch(`${urls[1]}/api/v1/runs/${run}`)).json()) as { lsn: number }).lsn] as const)));
    await until(async () => followers.every((follower) => follower.at >= heads.get(follower.run as (typeof runs)[number])!), async () => `${followers.map(({ run, at }) => `${run} ${at}`).join(', ')} of ${[...heads].join(' ')}`);
    let unseen = 0;
    for (const follower of followers) {
      for (const writer of writers.filter(({ run }) => run === follower.run)) for (const point of writer.acknowledged.keys()) if (!follower.seen.has(point)) unseen += 1;
    }
    return { kills, ...report, unseen, seenTwice: followers.reduce((n, { repeated }) => n + repeated, 0), faults: [...report.faults, ...followers.flatMap(({ faults }) => faults)] };
  } finally {
    for (const writer of writers) writer.stop();
    for (const follower of followers) follower.end();
    await Promise.all(running.map((server) => server.kill()));
    await bus.close();
    await Promise.all([broker.remove(), database.remove()]);
  }
}

/** Waits for up to five minutes. @param state what to say when that was not enough */
async function until(isSo: () => Promise<boolean>, state: () => Promise<string>): Promise<void> {
  for (const end = Date.now() + 300_000; !(await isSo().catch(() => false));) {
    if (Date.now() > end) throw new Error(`what was acknowledged has not arrived after five minutes: ${await state()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
