import { InputError, positiveInteger, shown, wholeNumber, type Batch, type Targets } from '@gradstream/numerics';
import { batchPool, type PoolOptions } from '@gradstream/augment';
import type { MakerFactory, Position } from './batches.ts';

export interface PrefetchOptions extends PoolOptions {
  /** Batches made ahead of the step that uses them. Default two for each worker, at least 2. */
  readonly ahead?: number;
}

/**
 * Makes batches ahead of their step, in workers: `batches(train, { maker: prefetch({ workers: 2, spawn }) })`. The queue is
 * bounded, the order is kept, and the bytes do not depend on the number of workers.
 */
export function prefetch({ ahead, ...pool }: PrefetchOptions): MakerFactory {
  if (!wholeNumber.accepts(pool.workers)) throw new InputError(`prefetch: workers must be ${wholeNumber.says}, received ${shown(pool.workers)}`);
  if (ahead !== undefined && !positiveInteger.accepts(ahead)) throw new InputError(`prefetch: ahead must be ${positiveInteger.says}, received ${shown(ahead)}`);
  const depth = ahead ?? Math.max(2, 2 * pool.workers);
  return <T extends Targets>(...[split, augmentations, positions, finish]: Parameters<MakerFactory>) => {
    const crew = batchPool(split, augmentations, pool);
    const queue: { readonly promise: Promise<Batch>; ready?: Batch }[] = [];
    const ask = (): void => {
      const position = positions.next();
      if (position.done) return;
      const place = finish(position.value as Position);
      const entry: (typeof queue)[number] = {
        promise: crew.make(place.ids, place.key).then((examples) => {
          entry.ready = { ...examples, ...place };
          return entry.ready;
        }),
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
        return (first.ready ?? first.promise) as Batch<T> | Promise<Batch<T>>;
      },
      close: () => crew.close(),
    };
  };
}
