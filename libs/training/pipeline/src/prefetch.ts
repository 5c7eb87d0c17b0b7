import { InputError, positiveInteger, shown, wholeNumber } from '@gradstream/numerics';
import { batchPool, type PoolOptions } from '@gradstream/augment';
import type { MakerFactory, Position } from './batches.ts';

export interface PrefetchOptions extends PoolOptions {
  /** Batches made ahead of the step that uses them. Default four for each worker, at least 8: a slice of fast steps does not run dry. */
  readonly ahead?: number;
}

/**
 * Makes batches ahead of their step, in workers: `batches(train, { maker: prefetch({ workers: 2, spawn }) })`. The queue is
 * bounded, the order is kept, and the bytes do not depend on the number of workers.
 */
export function prefetch({ ahead, ...pool }: PrefetchOptions): MakerFactory {
  if (!wholeNumber.accepts(pool.workers)) throw new InputError(`prefetch: workers must be ${wholeNumber.says}, received ${shown(pool.workers)}`);
  if (ahead !== undefined && !positiveInteger.accepts(ahead)) throw new InputError(`prefetch: ahead must be ${positiveInteger.says}, received ${shown(ahead)}`);
  const depth = ahead ?? Math.max(8, 4 * pool.workers);
  return (split, augmentations, positions, place) => {
    type Made = ReturnType<typeof place>;
    const crew = batchPool(split, augmentations, pool);
    const queue: { readonly promise: Promise<Made>; ready?: Made }[] = [];
    const ask = (): void => {
      const { value, done } = positions.next();
      if (done) return;
      // A view would take the whole epoch's order with it to the worker.
      const position: Position = { ...value, ids: value.ids.slice() };
      const entry: (typeof queue)[number] = {
        promise: crew.make(position.ids, position.key).then((examples) => (entry.ready = place(examples as Parameters<typeof place>[0], position))),
      };
      // A failure is told by `next`; until then it must not count as unhandled.
      entry.promise.catch(() => undefined);
      queue.push(entry);
    };
    return {
      next: () => {
        while (queue.length < depth) ask();
        const first = queue.shift()!;
        ask();
        return first.ready ?? first.promise;
      },
      close: () => crew.close(),
      queued: () => queue.filter(({ ready }) => ready).length,
    };
  };
}
