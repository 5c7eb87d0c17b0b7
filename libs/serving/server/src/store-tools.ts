import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, isInputError } from '@gradstream/numerics';
import { note as noteSchema, parsePoints, parseWith, runPut, stringify, type Note, type PointsBatch, type RunDetail } from '@gradstream/protocol';
import { openSqlite } from './backing/sqlite-open.ts';
import { salvage } from './backing/sqlite-salvage.ts';
import { openStore } from './open-store.ts';
import type { RunStore, RunTimes } from './run-store.ts';
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
  const store = await openStore(dir, { thread: false }).catch((error: unknown) => {
    problems.push(isInputError(error) ? error.message : `the store cannot be opened (${messageOf(error)})`);
  });
  if (!store) return { description: `a store in ${dir}`, runs: 0, points: 0, problems: [...new Set(problems)] };
  let [runs, points] = [0, 0];
  try {
    for await (const run of everyRun(store)) {
      runs += 1;
      const found = await checkRun(store, run).catch((error: unknown) => ({ points: 0, problems: [`cannot be read (${messageOf(error)})`] }));
      points += found.points;
      problems.push(...found.problems.map((problem) => `run ${run.id}: ${problem}`));
    }
    return { description: store.description, runs, points, problems };
  } catch (error) {
    return { description: store.description, runs, points, problems: [...problems, `the runs cannot be listed (${messageOf(error)})`] };
  } finally {
    await store.close();
  }
}

const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error));

function checkSqlite(file: string): string[] {
  try {
    const db = openSqlite(file);
    try {
      const found = db.pragma('integrity_check') as { integrity_check: string }[];
      return found.filter(({ integrity_check: said }) => said !== 'ok').map(({ integrity_check: said }) => `${file}: ${said}`);
    } finally {
      db.close();
    }
  } catch (error) {
    return [isInputError(error) ? error.message : `${file}: ${messageOf(error)}`];
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
  const rows = join(dir, 'salvaged');
  await rm(rows, { recursive: true, force: true });
  await mkdir(rows, { recursive: true });
  const lost = salvage(file, sqliteFile(rows));
  const [from, to] = [await openStore(rows, { kind: 'sqlite', thread: false }), await openStore(fresh, { kind: 'sqlite', thread: false })];
  try {
    for await (const { id } of everyRun(from)) {
      try {
        await importRuns(to, exportRun(from, id));
      } catch (error) {
        lost.push(`run ${id}: was cut short (${messageOf(error)})`);
      }
    }
  } finally {
    await from.close();
    await to.close();
  }
  for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true });
  await rename(file, `${file}.damaged`);
  await rename(sqliteFile(fresh), file);
  for (const folder of [fresh, rows]) await rm(folder, { recursive: true, force: true });
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
  yield stringify({ type: 'run', run: id, created: run.created, heartbeat: run.heartbeat, body: { name, project, spec, tags, controls, state: state === 'lost' ? 'running' : state } });
  for (let at = 0; ;) {
    const items = await store.read(id, at, pointsPerRead);
    if (items.length === 0) return;
    for (const { event } of eventsOf(id, items, { metrics: [], types: [], mode: 'raw' })) yield stringify(event);
    at = items.at(-1)!.lsn[1];
  }
}

/**
 * Takes runs in from lines that `exportRun` gave. Points and notes that are there already are not taken twice.
 *
 * @returns runs and points taken in
 * @throws InputError with the line of what is wrong
 */
export async function importRuns(store: RunStore, lines: AsyncIterable<string> | Iterable<string>): Promise<{ readonly runs: number; readonly points: number }> {
  let [runs, points, seq, line] = [0, 0, 0, 0];
  const writer = `import-${Date.now()}`;
  let known: KnownNotes | undefined;
  let times: { readonly run: string; readonly given: RunTimes } | undefined;
  const settle = async (): Promise<void> => void (times && (await store.date?.(times.run, times.given)));
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const said = parseLine(text, line);
    const run = String(said.run);
    if (said.type === 'run') {
      await settle();
      known = await KnownNotes.of(store, run);
      const { created, heartbeat, body } = parseWith(runLine, said, `line ${line}`);
      const given = { ...(created === undefined ? {} : { created }), ...(heartbeat === undefined ? {} : { heartbeat }) };
      times = { run, given };
      await store.put(run, body);
      runs += 1;
    } else if (said.type === 'points') {
      seq += 1;
      const answer = await store.append(run, batchOf(text, writer, seq, line));
      if (!answer) throw new InputError(`line ${line}: there is no run '${run}' before its points`);
      points += answer.accepted;
    } else if (said.type !== 'config' && said.type !== 'state' && said.type !== 'gap') {
      const { run: _, lsn: __, ...rest } = said;
      const note = parseWith(noteSchema, rest, `line ${line}`);
      if (!known?.takes(note)) await store.note(run, note);
    }
  }
  await settle();
  return { runs, points };
}

const runLine = z.object({ created: z.number().optional(), heartbeat: z.number().optional(), body: runPut });

/** The notes that a run has before anything is taken into it, each as often as it has it. */
class KnownNotes {
  private readonly counts = new Map<string, number>();

  static async of(store: RunStore, run: string): Promise<KnownNotes> {
    const known = new KnownNotes();
    for (let at = 0; ;) {
      const notes = (await store.notes(run, at, 500)) ?? [];
      for (const { note } of notes) known.counts.set(stringify(note), (known.counts.get(stringify(note)) ?? 0) + 1);
      if (notes.length < 500) return known;
      at = notes.at(-1)!.lsn[1];
    }
  }

  /** Whether the note was there; another one like it then needs another one there. */
  takes(note: Note): boolean {
    const text = stringify(note);
    const count = this.counts.get(text) ?? 0;
    this.counts.set(text, count - 1);
    return count > 0;
  }
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
