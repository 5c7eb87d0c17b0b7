import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { InputError } from '@gradstream/numerics';
import { applicationId, migrations, schema, schemaVersion } from './sqlite-schema.ts';

const require = createRequire(import.meta.url);

/** The SQLite library, where it is installed and its binary loads. */
export function sqlite(): typeof BetterSqlite3 | undefined {
  try {
    const library = require('better-sqlite3') as typeof BetterSqlite3;
    new library(':memory:').close();
    return library;
  } catch {
    return undefined;
  }
}

/**
 * Opens a store's file: creates its tables, or brings those of an earlier version up to date.
 *
 * @throws InputError for a file that is something else, or that a later version wrote
 */
export function openSqlite(file: string, { readonly = false } = {}): BetterSqlite3.Database {
  const library = sqlite();
  if (!library) throw new InputError('store: better-sqlite3 is not installed here, or its binary does not load');
  const db = open(library, file, readonly);
  try {
    if (!readonly) {
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.transaction(() => migrate(db, file)).immediate();
    }
    db.pragma('cache_size = -16000');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Takes a store for this process alone, until the lock is closed or the process dies: the journal's files have one writer.
 *
 * @throws InputError where another process has it
 */
export function lockStore(file: string): BetterSqlite3.Database {
  const library = sqlite();
  if (!library) throw new InputError('store: better-sqlite3 is not installed here, or its binary does not load');
  const lock = new library(`${file}.lock`, { timeout: 2000 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new InputError(`store: ${file} is open in another process, and only one can have it`);
  }
}

function open(library: typeof BetterSqlite3, file: string, readonly: boolean): BetterSqlite3.Database {
  const db = new library(file, { readonly, timeout: 5000 });
  try {
    db.pragma('application_id');
    return db;
  } catch {
    db.close();
    throw new InputError(`store: ${file} is no SQLite file`);
  }
}

function migrate(db: BetterSqlite3.Database, file: string): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number };
  if (version === 0 && tables.n === 0) return void db.exec(schema);
  if (db.pragma('application_id', { simple: true }) !== applicationId) throw new InputError(`store: ${file} is a SQLite file of something else`);
  if (version > schemaVersion) throw new InputError(`store: ${file} has version ${version}, and this server knows versions up to ${schemaVersion}`);
  for (const step of migrations.slice(version - 1)) db.exec(step);
  db.pragma(`user_version = ${schemaVersion}`);
}
