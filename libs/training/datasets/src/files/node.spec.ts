import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildFrom, specOf } from '@gradstream/numerics';
import type { Data } from '../data.ts';
import { encode as encodePng } from 'fast-png';
import { breastCancer, californiaHousing, catalogue, cifar10, csvFile, datasetsIn, diabetes, fashionMnist, imageFolder, iris, mnist, textFile, tinyShakespeare, wine } from '../node.ts';

/** An IDX file whose image or label i is made by `at`; cut off after `length` values. */
const idx = (shape: readonly number[], at: (i: number) => number, length = shape.reduce((a, b) => a * b, 1)): Buffer => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x800 | shape.length, 0);
  shape.forEach((d, i) => header.writeUInt32BE(d, 4 + 4 * i));
  return Buffer.concat([header, Buffer.from(Array.from({ length }, (_, i) => at(i)))]);
};
/** Record r has the label r % 10 and its number, modulo 256, in every pixel. */
const cifar = (from: number, count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.concat([Buffer.of((from + i) % 10), Buffer.alloc(3_072, (from + i) % 256)])));

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'data-')); });
afterEach(async () => rm(dir, { recursive: true }));

/** Writes 20 training and 10 test images; image i holds i. */
async function writeIdx(folder: string, zip: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [part, count] of [['train', 20], ['t10k', 10]] as const) {
    for (const [name, bytes] of [[`${part}-images-idx3-ubyte`, idx([count, 2, 2], (i) => Math.floor(i / 4))], [`${part}-labels-idx1-ubyte`, idx([count], (i) => i % 10)]] as const) {
      await writeFile(join(folder, zip ? `${name}.gz` : name), zip ? gzipSync(bytes) : bytes);
    }
  }
}

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const firstPixels = (split: Data['train']): number[] => [...split.gather(all(split.size)).inputs].filter((_, i) => i % 4 === 0);

describe('MNIST and Fashion-MNIST', () => {
  it.each([['fashion-mnist', true], ['fashion-mnist', false], ['.', true]])('read DIR/%s, gzip %s', async (folder, zip) => {
    await writeIdx(join(dir, folder), zip);
    const { train, test, validation, info } = await fashionMnist({ dir });
    expect(firstPixels(train)).toEqual(all(20));
    expect(train.gather([3]).inputs).toBeInstanceOf(Uint8Array);
    expect(test).toMatchObject({ role: 'test', size: 10, inputShape: [2, 2, 1], looks: 0 });
    expect(validation).toBeUndefined();
    expect(info.targets.names?.[9]).toBe('Ankle boot');
  });

  it('divide the training part: the subset first, the validation part next; test stays as it is', async () => {
    await writeIdx(join(dir, 'mnist'), true);
    const { train, validation, test } = await mnist({ dir, validation: 5, seed: 2 });
    expect(firstPixels(train).concat(firstPixels(validation)).sort((a, b) => a - b)).toEqual(all(20));
    const less = await mnist({ dir, subset: 6, validation: 3, seed: 2, test: 4 });
    expect(firstPixels(less.train).concat(firstPixels(less.validation))).toEqual(firstPixels(train).slice(0, 9));
    expect(firstPixels(less.test)).toEqual(all(4));
    expect(test?.size).toBe(10);
    expect(firstPixels((await mnist({ dir, first: 7 })).train)).toEqual(all(7));
  });

  it('are standardised on request, by the training part', async () => {
    await writeIdx(join(dir, 'mnist'), true);
    const { train, validation, info } = await mnist({ dir, validation: 5, standardize: true });
    const { inputs } = train.gather(all(15));
    expect(inputs).toBeInstanceOf(Float32Array);
    expect(Array.from(inputs).reduce((a, b) => a + b, 0)).toBeCloseTo(0, 3);
    expect(info.moments?.mean).toHaveLength(1);
    expect(validation.size).toBe(5);
    expect(specOf(validation)).toEqual({ name: 'mnist', validation: 5, standardize: true });
  });

  it('leave the folder out of the spec', async () => {
    await writeIdx(join(dir, 'mnist'), true);
    const { train } = await mnist({ dir, validation: 5 });
    expect(specOf(train)).toEqual({ name: 'mnist', validation: 5 });
    const { validation } = await buildFrom<Promise<Data>>({ dataset: datasetsIn(dir) }, 'dataset', specOf(train), 'data');
    expect(validation?.size).toBe(5);
  });

  it('say which file is missing and how to get it', async () => {
    await expect(fashionMnist({ dir })).rejects.toThrow(`fashion-mnist: ${join(dir, 'fashion-mnist', 'train-images-idx3-ubyte')} (or .gz) does not exist; 'gradstream data fetch fashion-mnist' downloads it to`);
  });

  it('say which file is broken', async () => {
    await writeIdx(join(dir, 'mnist'), true);
    const path = join(dir, 'mnist', 't10k-images-idx3-ubyte.gz');
    await writeFile(path, gzipSync(idx([10, 2, 2], () => 1)).subarray(0, 30));
    await expect(mnist({ dir })).rejects.toThrow(`${path}: broken gzip (unexpected end of file)`);
    await writeFile(path, gzipSync(idx([10, 2, 2], () => 1).subarray(0, 30)));
    await expect(mnist({ dir })).rejects.toThrow(`${path}: truncated: an array of shape [10,2,2] makes 56 bytes, the file has 30`);
  });

  it('name the first of two broken files, however long it takes to read', async () => {
    await writeIdx(join(dir, 'mnist'), false);
    const slow = join(dir, 'mnist', 'train-images-idx3-ubyte');
    await writeFile(slow, gzipSync(Buffer.concat([idx([20_000_000, 2, 2], () => 1, 20), Buffer.alloc(50_000_000)])));
    await writeFile(join(dir, 'mnist', 't10k-images-idx3-ubyte'), 'no images');
    await expect(mnist({ dir })).rejects.toThrow(`${slow}: truncated`);
  });

  it('refuse options by name', () => {
    expect(() => mnist({ validaton: 5 } as object)).toThrow("mnist: 'validaton' is not an option; did you mean 'validation'?");
  });
});

describe('CIFAR-10', () => {
  it('reads the five training batches and the test batch', async () => {
    await mkdir(join(dir, 'cifar-10'));
    for (let b = 1; b <= 5; b++) await writeFile(join(dir, 'cifar-10', `data_batch_${b}.bin`), cifar(b * 10, 3));
    await writeFile(join(dir, 'cifar-10', 'test_batch.bin.gz'), gzipSync(cifar(0, 2)));
    const { train, test, info } = await cifar10({ dir });
    expect(train.size).toBe(15);
    expect(train.gather(all(15)).inputs.filter((_, i) => i % 3_072 === 0)).toEqual(Uint8Array.of(10, 11, 12, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52));
    expect(test?.size).toBe(2);
    expect(info.note).toBeUndefined();
  });

  it('trains on three quarters of a partial file, tests on the rest, and says so', async () => {
    await writeFile(join(dir, 'data_batch_1_first4000.bin.gz'), gzipSync(cifar(0, 40)));
    const { train, test, info } = await cifar10({ dir });
    expect([train.size, test?.size]).toEqual([30, 10]);
    expect(test?.gather([0]).targets.values).toEqual(Int32Array.of(0));
    expect(test?.gather([0]).inputs[0]).toBe(30);
    expect(info.note).toBe('no official test images: records 0 to 29 of training batch 1 train, 30 to 39 test');
  });

  it('names the first missing file', async () => {
    await mkdir(join(dir, 'cifar-10'));
    await writeFile(join(dir, 'cifar-10', 'data_batch_1.bin'), cifar(0, 1));
    await expect(cifar10({ dir })).rejects.toThrow(join(dir, 'cifar-10', 'data_batch_2.bin'));
  });
});

describe('a table on disk', () => {
  it('is found in the data folder, gzip or plain, tabs by its name', async () => {
    await writeFile(join(dir, 'a.tsv.gz'), gzipSync('x\ty\n1\tno\n2\tyes\n'));
    const { train, info } = await csvFile({ path: 'a.tsv.gz', dir });
    expect(train.size).toBe(2);
    expect(info.encoding.target).toEqual({ column: 'y', kind: 'classes', classes: ['no', 'yes'] });
    expect(specOf(train)).toEqual({ name: 'csv', path: 'a.tsv.gz' });
  });

  it('is named in every error', async () => {
    await writeFile(join(dir, 'a.csv'), 'x,y\n1,2\n3\n');
    await expect(csvFile({ path: 'a.csv', dir })).rejects.toThrow(`${join(dir, 'a.csv')}, line 3: expected 2 columns, received 1`);
    await expect(csvFile({ path: join(dir, 'b.csv') })).rejects.toThrow(`${join(dir, 'b.csv')}: does not exist`);
    await expect(csvFile({ path: dir })).rejects.toThrow(`${dir}: is a folder`);
    expect(() => csvFile({} as { path: string })).toThrow('csv: path is required: a text');
  });
});

describe('the well-known tables', () => {
  const lines = (n: number, width: number, classes: number): string => Array.from({ length: n }, (_, i) => [...Array.from({ length: width }, (__, j) => (i * (j + 1)) % 17), i % classes].join(',')).join('\n');

  it.each([['iris', iris, 'iris.csv', 4, 3], ['wine', wine, 'wine_data.csv', 13, 3], ['breast-cancer', breastCancer, 'breast_cancer.csv', 30, 2]] as const)('%s skips its first line and knows its classes', async (name, make, file, width, classes) => {
    await mkdir(join(dir, 'tabular'));
    await writeFile(join(dir, 'tabular', file), `60,${width},some,names\n${lines(60, width, classes)}\n`);
    const { train, test, info } = await make({ dir });
    expect([train.size, test?.size]).toEqual([48, 12]);
    expect(info).toMatchObject({ name, inputShape: [width], targets: { kind: 'classes', width: classes } });
    expect(specOf(train)).toEqual({ name });
    expect((await make({ dir, validation: 6, standardize: false })).validation.size).toBe(6);
  });

  it('california housing predicts the value, with a category and a missing cell', async () => {
    const header = 'longitude,latitude,housing_median_age,total_rooms,total_bedrooms,population,households,median_income,median_house_value,ocean_proximity';
    await writeFile(join(dir, 'california_housing.csv'), `${header}\n${Array.from({ length: 20 }, (_, i) => `-1,3${i},4,5,${i === 3 ? '' : i},7,8,9,${1000 * i},${i % 2 ? 'INLAND' : 'NEAR BAY'}`).join('\n')}\n`);
    const { train, info } = await californiaHousing({ dir });
    expect(info.inputShape).toEqual([10]);
    const { inputs, targets } = train.gather(all(train.size));
    expect(inputs.every(Number.isFinite)).toBe(true);
    expect(targets.values.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 4);
  });

  it('diabetes lies in two files, side by side', async () => {
    await writeFile(join(dir, 'diabetes_data_raw.csv.gz'), gzipSync(Array.from({ length: 10 }, (_, i) => ` 5${i} 2  32.1 101 157 93.2 38 4 4.8598 87`).join('\n')));
    await writeFile(join(dir, 'diabetes_target.csv.gz'), gzipSync(Array.from({ length: 10 }, (_, i) => `1.${i}0e+02`).join('\n')));
    const { train, info } = await diabetes({ dir, standardize: false });
    expect(info.inputShape).toEqual([10]);
    const { inputs, targets } = train.gather([0]);
    expect(targets.values[0]).toBe(100 + 10 * (inputs[0] - 50));
  });
});

describe('text', () => {
  it('is read by character', async () => {
    await mkdir(join(dir, 'text'));
    await writeFile(join(dir, 'text', 'tinyshakespeare.txt'), 'to be or not to be '.repeat(200));
    const { train, validation, test, info } = await tinyShakespeare({ dir, length: 16, validation: 0.1 });
    expect(info.targets.names).toEqual([' ', 'b', 'e', 'n', 'o', 'r', 't']);
    expect([train.size, validation.size, test?.size]).toEqual([201, 23, 11]);
    const same = await textFile({ path: 'text/tinyshakespeare.txt', dir, length: 16, validation: 0.1 });
    expect(same.train.gather([7])).toEqual(train.gather([7]));
    expect(specOf(same.train)).toEqual({ name: 'text', path: 'text/tinyshakespeare.txt', length: 16, validation: 0.1 });
  });
});

describe('images in class folders', () => {
  const image = (side: number, value: number): Uint8Array => encodePng({ width: side, height: side, channels: 3, data: new Uint8Array(side * side * 3).fill(value) });

  it('take the class from the folder, in alphabetical order', async () => {
    for (const [name, values] of [['dog', [30, 40]], ['cat', [10, 20]]] as const) {
      await mkdir(join(dir, 'pets', name), { recursive: true });
      for (const value of values) await writeFile(join(dir, 'pets', name, `${value}.png`), image(4, value));
    }
    await writeFile(join(dir, 'pets', 'dog', 'notes.txt'), 'no image');
    const { train, info } = await imageFolder({ path: 'pets', dir });
    expect(info).toMatchObject({ inputShape: [4, 4, 3], targets: { names: ['cat', 'dog'] } });
    const { inputs, targets } = train.gather(all(4));
    const seen = new Map(all(4).map((n) => [inputs[n * 48], targets.values[n]]));
    expect(seen).toEqual(new Map([[10, 0], [20, 0], [30, 1], [40, 1]]));
    const small = await imageFolder({ path: 'pets', dir, size: [2, 3], channels: 1, validation: 1 });
    expect([small.train.inputShape, small.validation.size]).toEqual([[2, 3, 1], 1]);
  });

  it('name the file that does not fit', async () => {
    await mkdir(join(dir, 'pets', 'cat'), { recursive: true });
    await expect(imageFolder({ path: 'pets', dir })).rejects.toThrow(`${join(dir, 'pets')}: holds no images in class folders (1 folders, no .png, .jpg or .jpeg in them)`);
    await writeFile(join(dir, 'pets', 'cat', 'a.png'), image(4, 1));
    await writeFile(join(dir, 'pets', 'cat', 'b.png'), image(5, 1));
    await expect(imageFolder({ path: 'pets', dir })).rejects.toThrow(`${join(dir, 'pets', 'cat', 'b.png')}: is 5 by 5 pixels where the images before it are 4 by 4; give a size to scale to`);
    await writeFile(join(dir, 'pets', 'cat', 'b.png'), image(4, 1).subarray(0, 60));
    await expect(imageFolder({ path: 'pets', dir })).rejects.toThrow(`${join(dir, 'pets', 'cat', 'b.png')}: broken PNG (`);
    await expect(imageFolder({ path: 'zoo', dir })).rejects.toThrow('zoo: does not exist');
  });
});

it('every downloadable set has a loader of its name and digests of 64 hex digits', () => {
  const known = Object.keys(datasetsIn(dir));
  for (const [name, downloads] of Object.entries(catalogue)) {
    expect(known).toContain(name);
    for (const { sha256, url } of downloads) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(url).toMatch(/^https:/);
    }
  }
});
