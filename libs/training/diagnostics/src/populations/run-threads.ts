import { Observable } from 'rxjs';
import type { RunEvent, RunSpec } from '@gradstream/protocol';
import { threads } from '../threads.ts';
import type { FromRun, ToRun } from './run-messages.ts';

export interface RunThreads {
  /** A run document as a cold stream: it waits for a free thread, and unsubscribing frees it. */
  run(spec: RunSpec): Observable<RunEvent>;
  close(): Promise<void>;
}

/**
 * Carries runs out in threads of their own, so that a population uses all cores: `population((seed) => pool.run({ ...spec, seed }), seeds,
 * { jobs })`. The numbers are those of this thread, bit for bit. A watcher that is behind holds its run back.
 *
 * @param count threads, each with memory for one run
 * @param dataDir folder of data sets that lie in files
 */
export function runThreads(count: number, { dataDir }: { readonly dataDir?: string } = {}): RunThreads {
  const pool = threads('populations/run-worker', count, { dataDir });
  return {
    run: (spec) => new Observable((subscriber) => {
      let release = (): void => undefined;
      void pool.lend().then((worker) => {
        const tell = (message: ToRun): void => worker.postMessage(message);
        const free = (): void => {
          worker.removeAllListeners('message').removeAllListeners('error');
          pool.giveBack(worker);
        };
        if (subscriber.closed) return free();
        let ended = false;
        worker.on('message', (message: FromRun) => {
          if (message.type === 'events') {
            for (const event of message.events) subscriber.next(event);
            if (!subscriber.closed) tell({ type: 'acknowledge' });
            return;
          }
          ended = true;
          free();
          if (message.type === 'done') subscriber.complete();
          else subscriber.error(new Error(message.message));
        });
        worker.once('error', (error) => {
          ended = true;
          free();
          subscriber.error(error);
        });
        release = () => {
          if (ended) return;
          // What is still under way must not be taken for the next run's: the thread ends, and another takes its place.
          void worker.terminate();
        };
        tell({ type: 'run', spec });
      });
      return () => release();
    }),
    close: () => pool.close(),
  };
}
