import { Worker } from 'node:worker_threads';

/** Threads that are lent to one task at a time. */
export interface Threads {
  /** A thread of one's own, once one is free. */
  lend(): Promise<Worker>;
  giveBack(worker: Worker): void;
  /** Ends all threads, whatever they do. */
  close(): Promise<void>;
}

/**
 * At most `count` threads over one entry file (without its ending, relative to this folder); each begins when it is first needed. One
 * that died is replaced when the next task comes.
 */
export function threads(entry: string, count: number, workerData: unknown): Threads {
  const alive = new Set<Worker>();
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const begin = (): Worker => {
    const worker = new Worker(...entryOf(entry, workerData));
    alive.add(worker);
    worker.once('exit', () => {
      alive.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
      if (waiting.length > 0) waiting.shift()!(begin());
    });
    return worker;
  };
  return {
    lend: async () => idle.pop() ?? (alive.size < count ? begin() : new Promise<Worker>((resolve) => waiting.push(resolve))),
    giveBack(worker) {
      if (!alive.has(worker)) return;
      const next = waiting.shift();
      if (next) next(worker);
      else idle.push(worker);
    },
    async close() {
      waiting.length = 0;
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
}

/** From source an entry is TypeScript, which tsx loads. */
function entryOf(entry: string, workerData: unknown): ConstructorParameters<typeof Worker> {
  if (!import.meta.url.endsWith('.ts')) return [new URL(`./${entry}.js`, import.meta.url), { workerData }];
  const source = JSON.stringify(new URL(`./${entry}.ts`, import.meta.url).href);
  return [`import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`, { eval: true, workerData, execArgv: ['--conditions=@gradstream/source'] }];
}
