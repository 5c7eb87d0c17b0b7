import { closeSync, copyFileSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import { InputError } from '@gradstream/numerics';
import type { StoredRun } from './backing.ts';
import { openSqlite, sqlite } from './sqlite-open.ts';

/** Tables of the store, each with what orders its rows. */
const tables: readonly (readonly [name: string, order: string])[] = [
  ['run', 'key'], ['setting', 'name'], ['series', 'run, no'], ['note', 'run, lsn'], ['journal', 'rowid'], ['segment', 'rowid'], ['chunk', 'rowid'], ['block', 'rowid'],
];

/**
 * Copies every row of a damaged SQLite store that can still be read into a new file, without its indices: what stands
 * before the damage in each table, and what stands behind it.
 *
 * @returns a sentence for each table that lost something
 * @throws InputError where not even the list of tables can be read
 */
export function salvage(from: string, to: string): string[] {
  const library = sqlite()!;
  openSqlite(to).close();
  const copy = `${to}.copy`;
  wholeCopy(from, copy);
  const source = new library(copy, { readonly: true });
  const target = new library(to);
  const lost: string[] = [];
  try {
    source.prepare('SELECT count(*) FROM sqlite_master').get();
    target.exec(tables.map(([name]) => `DELETE FROM ${name};`).join(''));
    for (const [name, order] of tables) {
      const problem = copyTable(source, target, name, order);
      if (problem) lost.push(`table ${name}: ${problem}`);
    }
    lost.push(...adoptOrphans(target));
    return lost;
  } catch (error) {
    throw new InputError(`store: ${from} is damaged where it says what is in it, so that nothing of it can be read (${messageOf(error)})`);
  } finally {
    source.close();
    target.close();
  }
}

/** A copy of the file that is as long as it says it is: one that was cut off is refused as a whole otherwise. */
function wholeCopy(from: string, to: string): void {
  copyFileSync(from, to);
  if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${to}-wal`);
  const handle = openSync(to, 'r+');
  try {
    const header = Buffer.alloc(100);
    readSync(handle, header, 0, 100, 0);
    const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    const said = header.readUInt32BE(28) * pageBytes;
    const { size } = fstatSync(handle);
    if (size < said) ftruncateSync(handle, said);
  } finally {
    closeSync(handle);
  }
}

/** @returns what went wrong; undefined where every row was read */
function copyTable(source: Database, target: Database, name: string, order: string): string | undefined {
  let problem: string | undefined;
  for (const direction of ['', ' DESC']) {
    try {
      const rows = source.prepare<[], Record<string, unknown>>(`SELECT * FROM ${name} NOT INDEXED ORDER BY ${order.replaceAll(',', `${direction},`)}${direction}`).iterate();
      let insert: Statement<unknown[]> | undefined;
      for (const row of rows) {
        const columns = Object.keys(row);
        insert ??= target.prepare<unknown[]>(`INSERT OR IGNORE INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
        insert.run(...Object.values(row));
      }
      return problem;
    } catch (error) {
      problem = `not every row can be read (${messageOf(error)})`;
    }
  }
  return problem;
}

/** Gives the points of runs whose own row is lost a run to stand in. */
function adoptOrphans(db: Database): string[] {
  const orphans = db.prepare<[], { run: number }>('SELECT run FROM segment UNION SELECT run FROM journal EXCEPT SELECT key FROM run').all();
  return orphans.map(({ run: key }) => {
    const { sealed, segments } = db.prepare<[number], { sealed: number | null; segments: number | null }>('SELECT max(lsn1) AS sealed, max(no) + 1 AS segments FROM segment WHERE run = ?').get(key)!;
    const id = `recovered-${key}`;
    const run: StoredRun = { id, name: id, project: 'default', state: 'stopped', created: 0, heartbeat: 0, tags: {}, attempt: 0, duplicates: 0, conflicts: 0, sealed: sealed ?? 0, segments: segments ?? 0, writers: {} };
    db.prepare('INSERT INTO run (key, id, record) VALUES (?, ?, ?)').run(key, id, JSON.stringify(run));
    return `a run lost its name and is called ${id} now`;
  });
}

const messageOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error));
