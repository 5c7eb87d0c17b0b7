import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { InputError } from '@gradstream/numerics';
import { FileBacking } from './backing/file-backing.ts';
import { MemoryBacking } from './backing/memory-backing.ts';
import { SqliteBacking } from './backing/sqlite-backing.ts';
import { sqlite } from './backing/sqlite-open.ts';
import { LogStore, type LogStoreOptions } from './log/log-store.ts';
import type { RunStore } from './run-store.ts';

/** Where runs are kept when nobody says where: the folder for data of the XDG specification. */
export const defaultStoreDir = (): string => join(envPaths('gradstream', { suffix: '' }).data, 'store');

export interface OpenStoreOptions extends LogStoreOptions {
  /** `sqlite`, or `file` where better-sqlite3 cannot be had. Default: whichever is possible. */
  readonly kind?: 'sqlite' | 'file';
  /** Whether SQLite's commits happen in a thread of their own. Default true; not worth it for a look at a store. */
  readonly thread?: boolean;
  /** `nats://host:4222`: points go over NATS JetStream on their way to a database. Default: no bus. */
  readonly bus?: string;
}

/** Whether a store's place is a database's address, and not a folder. */
export const isDatabase = (place: string): boolean => /^postgres(ql)?:/.test(place);

/**
 * Opens the store in a folder or in a PostgreSQL database, and creates what is missing. Where better-sqlite3 is not
 * installed a plain file serves, and `description` says so.
 *
 * @param dir a folder, or `postgres://user@host:5432/database`, which several servers may use at the same time
 * @throws InputError for a database or a broker that does not answer, and for a bus without a database
 */
export async function openStore(dir: string = defaultStoreDir(), { bus, ...options }: OpenStoreOptions = {}): Promise<RunStore> {
  if (isDatabase(dir)) return openDatabase(dir, bus, options);
  if (/^[a-z]+:\/\//.test(dir)) throw new InputError(`store: a store is a folder or postgres://host/database, received '${dir.replace(/\/\/.*@/, '//')}'`);
  if (bus !== undefined) throw new InputError(`store: a bus needs a store that servers share, like postgres://host/database; received the folder ${dir}`);
  return openFolder(dir, options);
}

/** Loads the drivers only where they are used. */
async function openDatabase(url: string, bus: string | undefined, options: LogStoreOptions): Promise<RunStore> {
  const { PostgresStore } = await import('./postgres/postgres-store.ts');
  const store = await PostgresStore.open(url, options);
  if (bus === undefined) return store;
  try {
    const { BusStore } = await import('./bus/bus-store.ts');
    return await BusStore.over(store, bus);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openFolder(dir: string, { kind = sqlite() ? 'sqlite' : 'file', thread, ...options }: OpenStoreOptions): Promise<RunStore> {
  await mkdir(dir, { recursive: true });
  const backing = kind === 'sqlite' ? await SqliteBacking.open(join(dir, 'runs.sqlite'), { thread }) : await FileBacking.open(join(dir, 'runs.gsframes'));
  try {
    return await LogStore.over(backing, options);
  } catch (error) {
    await backing.close().catch(() => {});
    throw error;
  }
}

/** A store that lives as long as the process. */
export const memoryStore = (options: LogStoreOptions = {}): Promise<RunStore> => LogStore.over(new MemoryBacking(), options);
