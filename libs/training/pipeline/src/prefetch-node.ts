import { spawnWorker } from '@gradstream/augment/node';
import type { MakerFactory } from './batches.ts';
import { prefetch, type PrefetchOptions } from './prefetch.ts';

/** `prefetch` in worker threads of Node; `workers: 0` makes batches ahead in this one. */
export const prefetchInThreads = (options: Omit<PrefetchOptions, 'spawn'>): MakerFactory => prefetch({ ...options, spawn: spawnWorker });
