import { Worker } from 'node:worker_threads';
import type { Answer, WorkerPort } from './messages.ts';

/** Starts a Node worker thread for `batchPool`. */
export function spawnWorker(): WorkerPort {
  const worker = new Worker(...entry());
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    onAnswer: (listener) => void worker.on('message', (answer: Answer) => listener(answer)),
    onFailure: (listener) => {
      worker.on('error', (error) => listener(new Error(`a worker failed: ${error.message}`, { cause: error })));
      worker.on('exit', (code) => listener(new Error(`a worker ended with code ${code}`)));
    },
    hold: (awaiting) => (awaiting ? worker.ref() : worker.unref()),
    close: () => void worker.terminate(),
  };
}

/** The worker's file beside this one. From source (in the project's own tests and examples) it is TypeScript, which tsx loads. */
function entry(): ConstructorParameters<typeof Worker> {
  if (!import.meta.url.endsWith('.ts')) return [new URL('./node-worker.js', import.meta.url)];
  const source = JSON.stringify(new URL('./node-worker.ts', import.meta.url).href);
  return [`import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`, { eval: true, execArgv: ['--conditions=@gradstream/source'] }];
}
