import { existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '@gradstream/numerics';
import { note as noteSchema, parsePoints, parseWith, runPut, stringify, type PointsBatch, type RunDetail } from '@gradstream/protocol';
import { openSqlite } from './backing/sqlite-open.ts';
import { openStore } from './open-store.ts';
import type { RunStore } from './run-store.ts';
import { eventsOf } from './stream/events.ts';

/** What a look through a whole store found. */
export interface StoreReport {
  readonly description: string;
  readonly runs: number;
  readonly points: number;
  /** A sentence each; none where all is well. */
  readonly problems: readonly string[];
}

const sqliteFile = (dir: string): string => join(dir, 'runs.sqlite');

/** Rows of a log that are read at a time. */
const pointsPerRead = 50_000;

/**
 * Reads everything in a store: that the file is whole, that each log has no gap, that each run has as many points as its
 * summaries and its curves say. To be used while no server has the store open.
 */
export async function checkStore(dir: string): Promise<StoreReport> {
  const problems: string[] = [];
  if (existsSync(sqliteFile(dir))) problems.push(...checkSqlite(sqliteFile(dir)));
  const store = await openStore(dir);
  let [runs, points] = [0, 0];
  try {
    for await (const run of everyRun(store)) {
      runs += 1;
      const found = await checkRun(store, run).catch((error: unknown) => ({ points: 0, problems: [`cannot be read (${error instanceof Error ? error.message : String(error)})`] }));
      points += found.points;
      problems.push(...found.problems.map((problem) => `run ${run.id}: ${problem}`));
    }
    return { description: store.description, runs, points, problems };
  } finally {
    await store.close();
  }
}

function checkSqlite(file: string): string[] {
  const db = openSqlite(file);
  try {
    const found = db.pragma('integrity_check') as { integrity_check: string }[];
    return found.filter(({ integrity_check: said }) => said !== 'ok').map(({ integrity_check: said }) => `${file}: ${said}`);
  } finally {
    db.close();
  }
}

async function checkRun(store: RunStore, run: RunDetail): Promise<{ points: number; problems: string[] }> {
  const problems: string[] = [];
  const counts = new Map<string, number>();
  let at = 0;
  for (let items = await store.read(run.id, 0, pointsPerRead); items.length > 0; items = await store.read(run.id, at, pointsPerRead)) {
    for (const item of items) {
      if (item.lsn[0] !== at + 1) problems.push(`positions ${at + 1} to ${item.lsn[0] - 1} are missing`);
      at = item.lsn[1];
      if (item.kind === 'points') for (const { metric, values } of item.columns) counts.set(metric, (counts.get(metric) ?? 0) + values.length);
    }
  }
  if (at !== run.lsn) problems.push(`the log ends at ${at}, and should at ${run.lsn}`);
  for (const [metric, { count }] of Object.entries(run.summary)) {
    if (run.expired === undefined && counts.get(metric) !== count) problems.push(`${metric}: the log has ${counts.get(metric) ?? 0} points, its summary ${count}`);
    const curve = await store.series(run.id, { metric, points: 10, axis: 'step', scale: 'linear' });
    const shown = curve!.count.reduce((a, b) => a + b, 0);
    if (shown > count || (shown < count && run.attempt === 0 && run.conflicts === 0)) problems.push(`${metric}: its curve has ${shown} points, its log ${count}`);
  }
  return { points: [...counts.values()].reduce((a, b) => a + b, 0), problems };
}

/** Gives the disk back what deleted runs and emptied journals left. Positions stay what they are. @returns bytes before and after */
export async function compactStore(dir: string): Promise<{ readonly before: number; readonly after: number }> {
  const file = sqliteFile(dir);
  if (!existsSync(file)) throw new InputError(`store: there is no SQLite store in ${dir}`);
  const before = (await stat(file)).size;
  const db = openSqlite(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return { before, after: (await stat(file)).size };
}

/**
 * Copies whatever of a SQLite store can still be read into a new one, and puts that in its place; the old file stays
 * beside it as `runs.sqlite.damaged`. Positions are given out anew, so that cursors of before no longer hold.
 *
 * @returns the check of the new store, and a sentence for each run that was lost or cut short
 */
export async function repairStore(dir: string): Promise<StoreReport> {
  const file = sqliteFile(dir);
  if (!existsSync(file)) throw new InputError(`store: there is no SQLite store in ${dir}`);
  const fresh = join(dir, 'repaired');
  await rm(fresh, { recursive: true, force: true });
  const [from, to] = [await openStore(dir, { kind: 'sqlite' }), await openStore(fresh, { kind: 'sqlite' })];
  const lost: string[] = [];
  try {
    for await (const { id } of everyRun(from)) {
      try {
        await importRuns(to, exportRun(from, id));
      } catch (error) {
        lost.push(`run ${id}: was cut short (${error instanceof Error ? error.message : String(error)})`);
      }
    }
  } finally {
    await from.close();
    await to.close();
  }
  for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true });
  await rename(file, `${file}.damaged`);
  await rename(sqliteFile(fresh), file);
  await rm(fresh, { recursive: true, force: true });
  const report = await checkStore(dir);
  return { ...report, problems: [...lost, ...report.problems] };
}

/** Every run of a store, by pages. */
async function* everyRun(store: RunStore): AsyncGenerator<RunDetail> {
  for (let after: string | undefined; ;) {
    const { runs, next } = await store.runs({ limit: 100, after });
    for (const { id } of runs) yield (await store.run(id))!;
    if (!next) return;
    after = next;
  }
}

/** A run as lines of JSON: first what it says of itself, then its log as a stream tells it. */
export async function* exportRun(store: RunStore, id: string): AsyncGenerator<string> {
  const run = await store.run(id);
  if (!run) throw new InputError(`store: there is no run '${id}'`);
  const { name, project, spec, tags, controls, state } = run;
  yield stringify({ type: 'run', run: id, body: { name, project, spec, tags, controls, state } });
  for (let at = 0; ;) {
    const items = await store.read(id, at, pointsPerRead);
    if (items.length === 0) return;
    for (const { event } of eventsOf(id, items, { metrics: [], types: [], mode: 'raw' })) yield stringify(event);
    at = items.at(-1)!.lsn[1];
  }
}

/**
 * Takes runs in from lines that `exportRun` gave. Points that are there already are not taken twice.
 *
 * @returns runs and points taken in
 * @throws InputError with the line of what is wrong
 */
export async function importRuns(store: RunStore, lines: AsyncIterable<string> | Iterable<string>): Promise<{ readonly runs: number; readonly points: number }> {
  let [runs, points, seq, line] = [0, 0, 0, 0];
  const writer = `import-${Date.now()}`;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const said = parseLine(text, line);
    if (said.type === 'run') {
      await store.put(String(said.run), parseWith(runPut, said.body, `line ${line}`));
      runs += 1;
    } else if (said.type === 'points') {
      seq += 1;
      const answer = await store.append(String(said.run), batchOf(text, writer, seq, line));
      if (!answer) throw new InputError(`line ${line}: there is no run '${String(said.run)}' before its points`);
      points += answer.accepted;
    } else if (said.type !== 'config' && said.type !== 'state' && said.type !== 'gap') {
      const { run, lsn: _, ...rest } = said;
      await store.note(String(run), parseWith(noteSchema, rest, `line ${line}`));
    }
  }
  return { runs, points };
}

function batchOf(text: string, writer: string, seq: number, line: number): PointsBatch {
  const { attempt, t0, step, dt, m } = JSON.parse(text) as Record<string, unknown>;
  return parsePoints({ writer, seq, attempt, t0, step, dt, m }, `line ${line}`);
}

function parseLine(text: string, line: number): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new InputError(`line ${line}: expected a JSON object, as the export writes it`);
  }
}
