import { gatherFrom, key, type ExampleStore, type Split } from '@gradstream/numerics';
import { augmented, batchPool, browserWorker, mixup, randomShift, serveAugmentations } from './index.ts';

const store: ExampleStore<'classes'> = {
  inputShape: [4, 4, 1], inputs: Uint8Array.from({ length: 160 }, (_, i) => i), targets: { kind: 'classes', width: 2, shape: [10], values: Int32Array.from({ length: 10 }, (_, i) => i % 2) },
};
const split: Split<'classes'> = { dataset: 'test', role: 'train', size: 10, inputShape: [4, 4, 1], targets: { kind: 'classes', width: 2 }, gather: (indices) => gatherFrom(store, indices), store };

/** What a browser gives for `new Worker(…)` around a file of the three lines that the docs show. */
class FakeWorker extends EventTarget {
  terminated = false;
  private readonly serve = serveAugmentations((answer) => void this.dispatchEvent(new MessageEvent('message', { data: answer })));
  postMessage(message: Parameters<typeof this.serve>[0]): void {
    void this.serve(message);
  }
  terminate(): void {
    this.terminated = true;
  }
}

it('makes the same bytes behind a browser worker, and ends it', async () => {
  const worker = new FakeWorker();
  const row = [randomShift({ pixels: 1 }), mixup()];
  const pool = batchPool(split, row, { workers: 1, spawn: () => browserWorker(worker as unknown as Worker) });
  expect(await pool.make(Uint32Array.of(1, 2, 3), key(4))).toEqual(augmented(row, key(4), split.gather([1, 2, 3])));
  pool.close();
  expect(worker.terminated).toBe(true);
});

it('says that a browser worker failed', async () => {
  const worker = new FakeWorker();
  worker.postMessage = () => void worker.dispatchEvent(Object.assign(new Event('error'), { message: 'no such file' }));
  const pool = batchPool(split, [mixup()], { workers: 1, spawn: () => browserWorker(worker as unknown as Worker) });
  await expect(pool.make(Uint32Array.of(1), key(4))).rejects.toThrow('a worker failed: no such file');
});
