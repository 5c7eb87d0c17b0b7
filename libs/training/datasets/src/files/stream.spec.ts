import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import type { Examples } from '@gradstream/numerics';
import { fromCsv } from '../csv.ts';
import { cifar10, fashionMnist } from './images.ts';
import { batched, shuffled, streamCifar, streamCsv } from './stream.ts';

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'stream-')); });
afterEach(async () => rm(dir, { recursive: true }));

async function* count(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}
const all = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
};
/** Record r has the label r % 10 and its number, modulo 256, in every pixel. */
const record = (r: number): Buffer => Buffer.concat([Buffer.of(r % 10), Buffer.alloc(3_072, r % 256)]);
const records = (from: number, to: number): Buffer => Buffer.concat(Array.from({ length: to - from }, (_, i) => record(from + i)));

describe('shuffled', () => {
  it('gives every item once, in an order that the seed and the epoch decide', async () => {
    const once = await all(shuffled(count(100), { buffer: 16, seed: 1 }));
    expect([...once].sort((a, b) => a - b)).toEqual(await all(count(100)));
    expect(await all(shuffled(count(100), { buffer: 16, seed: 1 }))).toEqual(once);
    expect(await all(shuffled(count(100), { buffer: 16, seed: 2 }))).not.toEqual(once);
    expect(await all(shuffled(count(100), { buffer: 16, seed: 1, epoch: 1 }))).not.toEqual(once);
  });

  it('holds no more than the buffer: no item comes earlier than the buffer allows', async () => {
    const order = await all(shuffled(count(200), { buffer: 16 }));
    order.forEach((item, i) => expect(item).toBeLessThanOrEqual(i + 16));
    expect(await all(shuffled(count(5), { buffer: 1 }))).toEqual([0, 1, 2, 3, 4]);
  });

  it('shuffles evenly when the buffer holds everything', async () => {
    const firsts = await Promise.all(Array.from({ length: 600 }, (_, seed) => all(shuffled(count(6), { buffer: 6, seed })).then(([first]) => first)));
    for (let i = 0; i < 6; i++) expect(firsts.filter((f) => f === i).length / 600).toBeCloseTo(1 / 6, 1);
  });
});

it('batched cuts into lists, the last one short', async () => {
  expect(await all(batched(count(7), 3))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
});

describe('streamCifar', () => {
  it.each([false, true])('reads every record of several files once, gzip: %s', async (zip) => {
    const paths = [join(dir, 'a'), join(dir, 'b')];
    await writeFile(paths[0], zip ? gzipSync(records(0, 30)) : records(0, 30));
    await writeFile(paths[1], records(30, 50));
    const batches = await all(streamCifar(paths, { size: 8, buffer: 10 }));
    expect(batches.map(({ size }) => size)).toEqual([8, 8, 8, 8, 8, 8, 2]);
    const seen = batches.flatMap(({ inputs, targets, size }) => Array.from({ length: size }, (_, n) => [inputs[n * 3_072 + 5], targets.values[n]]));
    expect(seen.map(([pixel]) => pixel).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(seen.every(([pixel, label]) => pixel % 10 === label)).toBe(true);
  });

  it('says which file ends within a record, and which label is none', async () => {
    await writeFile(join(dir, 'a'), records(0, 3).subarray(0, 7_000));
    await expect(all(streamCifar([join(dir, 'a')]))).rejects.toThrow(`${join(dir, 'a')}: truncated: record 2 has 854 of 3073 bytes`);
    await writeFile(join(dir, 'b'), Buffer.concat([record(1), Buffer.alloc(3_073, 77)]));
    await expect(all(streamCifar([join(dir, 'b')]))).rejects.toThrow(`${join(dir, 'b')}: the label of record 1 must be one of 10 classes (0 to 9), received 77`);
    await writeFile(join(dir, 'c'), gzipSync(records(0, 3)).subarray(0, 40));
    await expect(all(streamCifar([join(dir, 'c')]))).rejects.toThrow(`${join(dir, 'c')}: broken gzip (unexpected end of file)`);
    await expect(all(streamCifar([join(dir, 'd')]))).rejects.toThrow(`${join(dir, 'd')}: does not exist`);
  });

  it('needs memory for its buffer, not for the file, which is ten times as large', async () => {
    const path = join(dir, 'large');
    const [buffer, count] = [400, 4_000];
    const file = createWriteStream(path);
    for (let r = 0; r < count; r += 100) await new Promise((written) => { file.write(records(r, r + 100), written); });
    await new Promise<void>((closed) => { file.end(closed); });

    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let seen = 0;
    for await (const { size } of streamCifar([path], { size: 64, buffer })) {
      seen += size;
      collect();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    expect(seen).toBe(count);
    expect(most).toBeLessThan(3 * buffer * 3_073);
    expect(count * 3_073).toBeGreaterThan(3 * most);
  });
});

describe('a split on disk', () => {
  it('gives the same bytes as one in memory, from several files', async () => {
    for (let b = 1; b <= 5; b++) await writeFile(join(dir, `data_batch_${b}.bin`), records(b * 10, b * 10 + 4));
    await writeFile(join(dir, 'test_batch.bin'), records(0, 3));
    const [loaded, disk] = await Promise.all([cifar10({ dir, validation: 4, seed: 1 }), cifar10({ dir, validation: 4, seed: 1, memory: 'disk' })]);
    const ids = [15, 0, 7, 3, 3, 12];
    expect(disk.train.gather(ids)).toEqual(loaded.train.gather(ids));
    expect(disk.validation.gather([1])).toEqual(loaded.validation.gather([1]));
    expect(disk.test?.gather([2])).toEqual(loaded.test?.gather([2]));
    expect(disk.test?.looks).toBe(1);
    expect(disk.train.store).toBeUndefined();
    expect((await cifar10({ dir, validation: 8, stratified: true, memory: 'disk' })).validation.size).toBe(8);
  });

  it('reads MNIST files too, and says that gzip has no places', async () => {
    const idx = (shape: readonly number[], values: readonly number[]): Buffer => {
      const header = Buffer.alloc(4 + 4 * shape.length);
      header.writeUInt32BE(0x800 | shape.length, 0);
      shape.forEach((d, i) => header.writeUInt32BE(d, 4 + 4 * i));
      return Buffer.concat([header, Buffer.from(values)]);
    };
    for (const part of ['train', 't10k']) {
      await writeFile(join(dir, `${part}-images-idx3-ubyte`), idx([3, 1, 2], [1, 2, 3, 4, 5, 6]));
      await writeFile(join(dir, `${part}-labels-idx1-ubyte`), idx([3], [7, 8, 9]));
    }
    const { train } = await fashionMnist({ dir, memory: 'disk' });
    expect(train.gather([2, 0])).toMatchObject({ inputs: Uint8Array.of(5, 6, 1, 2), targets: { values: Int32Array.of(9, 7) } });
    await writeFile(join(dir, 'train-images-idx3-ubyte'), gzipSync(idx([3, 1, 2], [1, 2, 3, 4, 5, 6])));
    await expect(fashionMnist({ dir, memory: 'disk' })).rejects.toThrow('is gzip, which can only be read from its start; unpack it (gunzip) to read batches from disk');
  });

  it('notices a file that became shorter', async () => {
    const path = join(dir, 'data_batch_1_first4000.bin');
    await writeFile(path, records(0, 8));
    const { train } = await cifar10({ dir, memory: 'disk' });
    await writeFile(path, records(0, 2));
    expect(() => train.gather([5])).toThrow(`${path}: truncated while it was read: record 5 has 0 of 3073 bytes`);
  });
});

describe('streamCsv', () => {
  const rows = Array.from({ length: 50 }, (_, i) => `${i},${i % 2 === 0 ? 'even' : 'odd'}`);
  const text = `x,y\n${rows.join('\n')}\n`;
  const { encoding } = fromCsv(text, 'f', { standardize: false }).info;

  it.each([false, true])('reads every row once, encoded as before, gzip: %s', async (zip) => {
    const path = join(dir, 'a.csv');
    await writeFile(path, zip ? gzipSync(text) : text);
    const batches: Examples[] = await all(streamCsv(path, encoding, { size: 16, buffer: 8, seed: 2 }));
    expect(batches.map(({ size }) => size)).toEqual([16, 16, 16, 2]);
    const seen = batches.flatMap(({ inputs, targets }) => Array.from(inputs, (x, n) => [x, targets.values[n]]));
    expect(seen.map(([x]) => x)).not.toEqual([...seen.map(([x]) => x)].sort((a, b) => a - b));
    expect(seen.map(([x]) => x).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(seen.every(([x, y]) => x % 2 === y)).toBe(true);
  });

  it('says file and line', async () => {
    const path = join(dir, 'a.csv');
    await writeFile(path, 'x,y\n1,even\n2\n');
    await expect(all(streamCsv(path, encoding))).rejects.toThrow(`${path}, line 3: expected 2 columns, received 1`);
    await writeFile(path, 'x,y\n1,even\n2,prime\n');
    await expect(all(streamCsv(path, encoding, { buffer: 1 }))).rejects.toThrow(`${path}, line 3: 'prime' is outside the 2 classes of 'y' (even, odd)`);
    await writeFile(path, 'x,y\n1,"even\n');
    await expect(all(streamCsv(path, encoding))).rejects.toThrow(/a\.csv, line \d: a quoted cell is not closed/);
    await expect(all(streamCsv(join(dir, 'b.csv'), encoding))).rejects.toThrow(`${join(dir, 'b.csv')}: does not exist`);
  });
});
