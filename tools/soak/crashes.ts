import { appendFileSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrame, encodePoints } from '@gradstream/protocol';
import { readLog } from './log.ts';
import { seeded, type Random } from './random.ts';
import { freePort, ServerProcess } from './server.ts';
import { Writer } from './writer.ts';

export interface CrashReport {
  readonly cycles: { readonly kill: number; readonly diskFull: number; readonly tornWrite: number };
  /** Points that the server said were kept. */
  readonly acknowledged: number;
  /** Requests that were refused or broken off; each was sent again. */
  readonly failures: number;
  readonly lost: number;
  readonly repeated: number;
  /** Gaps in the log and values that changed, a sentence each. */
  readonly faults: readonly string[];
}

/**
 * Writes into a server that dies again and again: killed, out of disk, with a torn write at the end of its files. Then reads
 * the log and holds it against what was acknowledged.
 */
export async function crashCycles(cycles: number, seed: number, say: (line: string) => void = () => {}): Promise<CrashReport> {
  const random = seeded(seed);
  const store = mkdtempSync(join(tmpdir(), 'gradstream-soak-'));
  const port = await freePort();
  const counts = { kill: 0, diskFull: 0, tornWrite: 0 };
  let server = await ServerProcess.start({ port, store });
  const { url } = server;
  const writers = ['p', 'q', 's'].map((name, i) => new Writer(url, i < 2 ? 'shared' : 'alone', name, seeded(seed + 1 + i)));
  try {
    for (const run of ['shared', 'alone']) await fetch(`${url}/api/v1/runs/${run}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
    const work = Promise.all(writers.map((writer) => writer.work()));
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const kind = random() < 0.5 ? 'kill' : random() < 0.5 ? 'diskFull' : 'tornWrite';
      counts[kind] += 1;
      await new Promise((resolve) => setTimeout(resolve, 20 + 400 * random() ** 2));
      await server.kill();
      if (kind === 'tornWrite') tear(store, random);
      if (kind === 'diskFull') {
        const full = await ServerProcess.start({ port, store, fileLimit: limitFor(store, random) }).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 400 * random()));
        await full?.kill();
      }
      server = await ServerProcess.start({ port, store }).catch((error: unknown) => {
        throw new Error(`after cycle ${cycle} (${kind}, seed ${seed}): ${String(error)}`);
      });
      if ((cycle + 1) % 20 === 0) say(`${cycle + 1} of ${cycles} cycles, ${writers.reduce((n, { acknowledged }) => n + acknowledged.size, 0)} points acknowledged`);
    }
    for (const writer of writers) writer.stop();
    await work;
    return { cycles: counts, ...(await compare(url, writers)) };
  } finally {
    for (const writer of writers) writer.stop();
    await server.kill();
    rmSync(store, { recursive: true, force: true });
  }
}

/** Holds what the logs have against what was acknowledged. */
export async function compare(url: string, writers: readonly Writer[]): Promise<Omit<CrashReport, 'cycles'>> {
  const faults: string[] = [];
  let [acknowledged, lost, repeated] = [0, 0, 0];
  for (const run of new Set(writers.map((writer) => writer.run))) {
    const log = await readLog(url, run);
    const sent = new Map(writers.filter((writer) => writer.run === run).flatMap((writer) => [...writer.acknowledged]));
    faults.push(...log.faults.map((fault) => `run ${run}: ${fault}`));
    acknowledged += sent.size;
    for (const [point, value] of sent) {
      const found = log.values.get(point);
      if (!found) lost += 1;
      else if (!Object.is(found[0], value)) faults.push(`run ${run}: ${point} was ${value} and is ${found[0]}`);
    }
    for (const [point, values] of log.values) {
      if (values.length > 1) repeated += 1;
      if (!sent.has(point)) faults.push(`run ${run}: ${point} was never sent`);
    }
  }
  return { acknowledged, failures: writers.reduce((n, writer) => n + writer.failures, 0), lost, repeated, faults };
}

/** A size between those of the store's files, so that some of them still grow and some do not. */
function limitFor(store: string, random: Random): number {
  const sizes = readdirSync(store).map((name) => readFileSync(join(store, name)).length / 1024);
  return Math.max(16, Math.ceil(Math.max(...sizes) * (0.5 + random())));
}

/** Leaves what a write that a power cut stopped may leave: part of a frame after the journal's end, part of a page after the WAL's. */
function tear(store: string, random: Random): void {
  for (const name of readdirSync(store)) {
    const path = join(store, name);
    if (name.endsWith('-wal')) appendFileSync(path, Buffer.from(Array.from({ length: Math.floor(3000 * random()) }, () => 256 * random())));
    if (!/\.points-\d+$/.test(name)) continue;
    const frame = encodePoints({ writer: 'torn', seq: 1, attempt: 0, t0: 0, step: Float64Array.of(1, 2, 3), dt: new Float64Array(3), columns: [{ metric: 'torn', values: Float64Array.of(1, 2, 3) }] });
    const file = openSync(path, 'r+');
    writeSync(file, frame.subarray(0, Math.floor(frame.length * random())), 0, undefined, endOf(readFileSync(path)));
    closeSync(file);
  }
}

/** Where the whole frames of a journal file end. */
function endOf(bytes: Uint8Array): number {
  let at = 0;
  try {
    for (let frame = decodeFrame(bytes, at); frame; frame = decodeFrame(bytes, at)) at += frame.length;
  } catch {
    // What follows is no frame.
  }
  return at;
}
