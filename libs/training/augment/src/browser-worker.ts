import type { Answer, WorkerPort } from './messages.ts';

/**
 * A browser's worker as a pool wants it. The worker's own file is yours, so that any bundler finds it:
 *
 * ```ts
 * // augment.worker.ts
 * import { serveAugmentations } from '@gradstream/augment';
 * const serve = serveAugmentations((answer, transfer) => postMessage(answer, { transfer }));
 * onmessage = ({ data }) => void serve(data);
 *
 * // where the pool is made
 * batchPool(train, augmentations, { workers: 2, spawn: () => browserWorker(new Worker(new URL('./augment.worker.ts', import.meta.url), { type: 'module' })) });
 * ```
 */
export const browserWorker = (worker: Worker): WorkerPort => ({
  post: (message, transfer) => worker.postMessage(message, [...transfer]),
  onAnswer: (listener) => worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => listener(data)),
  onFailure: (listener) => worker.addEventListener('error', ({ message }) => listener(new Error(`a worker failed: ${message}`))),
  close: () => worker.terminate(),
});
