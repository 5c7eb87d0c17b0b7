import { parentPort, workerData } from 'node:worker_threads';
import type { Write } from './backing.ts';
import { openSqlite } from './sqlite-open.ts';
import { SqliteWriter } from './sqlite-writer.ts';

/** The one thread that writes: packs, compresses and waits for the disk, so that the thread that answers never does. */
const db = openSqlite(workerData as string);
const writer = new SqliteWriter(db);

parentPort!.on('message', (writes: readonly Write[] | 'close') => {
  if (writes === 'close') {
    db.close();
    parentPort!.close();
    return;
  }
  try {
    writer.commit(writes);
    parentPort!.postMessage(undefined);
  } catch (error) {
    parentPort!.postMessage(error instanceof Error ? error.message : String(error));
  }
});
