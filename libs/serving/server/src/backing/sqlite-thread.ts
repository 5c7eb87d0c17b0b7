import { startWorker } from '../start-worker.ts';
import type { Write } from './backing.ts';
import { openSqlite } from './sqlite-open.ts';
import { SqliteWriter } from './sqlite-writer.ts';

/** Commits one group after another. */
export interface Writer {
  commit(writes: readonly Write[]): Promise<void>;
  close(): Promise<void>;
}

/** Writes in this thread. */
export function inlineWriter(file: string): Writer {
  const db = openSqlite(file);
  const writer = new SqliteWriter(db);
  return { commit: async (writes) => writer.commit(writes), close: async () => void db.close() };
}

/** Writes in a thread of its own, where there can be one. */
export async function threadWriter(file: string): Promise<Writer> {
  const worker = startWorker('./backing/sqlite-worker', file);
  if (!worker) return inlineWriter(file);
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let broken: Error | undefined;
  worker.on('message', (problem: string | undefined) => {
    const oldest = waiting.shift();
    if (waiting.length === 0) worker.unref();
    if (problem === undefined) oldest?.resolve();
    else oldest?.reject(new Error(`store: ${problem}`));
  });
  worker.on('error', (error: Error) => {
    broken = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  worker.unref();
  return {
    commit: (writes) => new Promise((resolve, reject) => {
      if (broken) return reject(broken);
      worker.postMessage(writes);
      worker.ref();
      waiting.push({ resolve, reject });
    }),
    close: async () => {
      worker.ref();
      if (!broken) worker.postMessage('close');
      await ended;
    },
  };
}
