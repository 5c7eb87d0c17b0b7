import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
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
}

/**
 * Opens the store in a folder, and creates what is missing. Where better-sqlite3 is not installed a plain file serves,
 * and `description` says so.
 */
export async function openStore(dir: string = defaultStoreDir(), { kind = sqlite() ? 'sqlite' : 'file', thread, ...options }: OpenStoreOptions = {}): Promise<RunStore> {
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
