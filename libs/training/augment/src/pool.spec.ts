import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fold, gatherFrom, key, type Examples, type ExampleStore, type Split } from '@gradstream/numerics';
import { applyAll, augMix, batchPool, cutmix, elastic, mixup, randAugment, randomCrop, randomFlip, serveAugmentations, type Augmentation, type BatchPool, type WorkerPort } from './index.ts';
import { spawnWorker } from './node.ts';

const store: ExampleStore<'classes'> = {
  inputShape: [12, 12, 3], inputs: Uint8Array.from({ length: 40 * 432 }, (_, i) => (i * i) % 256),
  targets: { kind: 'classes', width: 5, shape: [40], values: Int32Array.from({ length: 40 }, (_, i) => i % 5) },
  positions: Uint32Array.from({ length: 30 }, (_, i) => 39 - i),
};
const split = (inMemory: boolean): Split<'classes'> => ({
  dataset: 'test', role: 'train', size: 30, inputShape: [12, 12, 3], targets: { kind: 'classes', width: 5 },
  gather: (indices) => gatherFrom(store, indices),
  ...(inMemory ? { store } : {}),
});
const row: readonly Augmentation[] = [randomCrop(), randomFlip(), randAugment(), elastic({ alpha: 20 }), augMix(), mixup(), cutmix({ per: 'example' })];

/** Batch i of a run: eight examples from 3i on. */
const idsOf = (i: number): Uint32Array => Uint32Array.from({ length: 8 }, (_, j) => (3 * i + j) % 30);
const keyOf = (i: number) => fold(key(7), i);
const inline = (i: number): Examples => applyAll(row, { ...split(true).gather(idsOf(i)), step: i, epoch: 0, index: i, batchesPerEpoch: 9, ids: idsOf(i), key: keyOf(i) });
const plain = ({ size, inputShape, inputs, targets }: Examples): Examples => ({ size, inputShape, inputs, targets });

let pool: BatchPool | undefined;
afterEach(() => pool?.close());

it.each([[0, true], [1, false], [2, true]])('makes the same bytes with %d workers, split in memory: %s', async (workers, inMemory) => {
  pool = batchPool(split(inMemory), row, { workers, spawn: spawnWorker });
  const made = await Promise.all(Array.from({ length: 4 }, (_, i) => pool!.make(idsOf(i), keyOf(i))));
  made.forEach((examples, i) => expect(examples).toEqual(plain(inline(i))));
});

it('makes augmentations of your own, by the module that exports them', async () => {
  const module = join(__dirname, 'negative.fixture.ts');
  const { negative } = await import('./negative.fixture.ts');
  pool = batchPool(split(true), [negative({ below: 100 })], { workers: 1, spawn: spawnWorker, modules: [pathToFileURL(module).href] });
  const { inputs } = await pool.make(idsOf(0), keyOf(0));
  expect([...inputs]).toEqual([...split(true).gather(idsOf(0)).inputs].map((v) => (v < 100 ? 255 - v : v)));
});

it('hands on the sentence of what a worker refuses', async () => {
  const tokens = { ...split(false), gather: () => ({ size: 1, inputShape: [1, 4], inputs: new Int32Array(4), targets: { kind: 'classes' as const, width: 5, shape: [1], values: new Int32Array(1) } }) };
  pool = batchPool(tokens, [mixup()], { workers: 1, spawn: spawnWorker });
  await expect(pool.make(Uint32Array.of(0), key(1))).rejects.toThrow('mixup: takes bytes or numbers, received tokens');
  await expect(pool.make(Uint32Array.of(0), key(1))).rejects.toMatchObject({ name: 'InputError' });
});

it('refuses what no factory made', () => {
  const lambda = { name: 'mine', targets: 'same' as const, sample: () => 0, apply: (examples: never) => examples };
  expect(() => batchPool(split(true), [lambda], { workers: 1, spawn: spawnWorker })).toThrow("workers: 'mine' was made by no factory, so that no worker can make it again");
});

it('refuses what is awaited when it is closed, and whatever is asked after', async () => {
  pool = batchPool(split(true), row, { workers: 1, spawn: spawnWorker });
  const pending = pool.make(idsOf(0), keyOf(0));
  pool.close();
  await expect(pending).rejects.toThrow('the pool of workers was closed');
  await expect(pool.make(idsOf(0), keyOf(0))).rejects.toThrow('closed');
});

it('says that a worker failed, to those who wait and those who come', async () => {
  let fail: (error: Error) => void = () => undefined;
  const port: WorkerPort = { post: () => undefined, onAnswer: () => undefined, onFailure: (listener) => { fail = listener; }, close: () => undefined };
  pool = batchPool(split(true), row, { workers: 1, spawn: () => port });
  const pending = pool.make(idsOf(0), keyOf(0));
  fail(new Error('out of memory'));
  await expect(pending).rejects.toThrow('out of memory');
  await expect(pool.make(idsOf(1), keyOf(1))).rejects.toThrow('out of memory');
});

it('copies a split once into shared memory, for all pools', () => {
  const posted: ExampleStore[] = [];
  const port: WorkerPort = { post: (message) => { if (message.type === 'setup') posted.push(message.store!); }, onAnswer: () => undefined, onFailure: () => undefined, close: () => undefined };
  for (let i = 0; i < 2; i++) batchPool(split(true), row, { workers: 2, spawn: () => port }).close();
  expect(posted).toHaveLength(4);
  expect(posted.every(({ inputs, targets, positions }) => [inputs, targets.values, positions!].every(({ buffer }) => buffer instanceof SharedArrayBuffer))).toBe(true);
  expect(new Set(posted.map(({ inputs }) => inputs.buffer)).size).toBe(1);
  expect([...posted[0].inputs.subarray(0, 50)]).toEqual([...store.inputs.subarray(0, 50)]);
});

it('a worker that cannot import says so', async () => {
  const answers: unknown[] = [];
  const serve = serveAugmentations((answer) => answers.push(answer));
  await serve({ type: 'setup', augmentations: [], modules: ['file:///mine.js'], store });
  await serve({ type: 'job', job: 3, key: key(1), from: Uint32Array.of(1) });
  expect(answers).toEqual([{ type: 'failed', job: 3, inputError: false, message: "this worker cannot import 'file:///mine.js'; pass its augmentations to serveAugmentations" }]);
});
