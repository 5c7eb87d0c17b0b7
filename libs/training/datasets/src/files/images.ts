import { boolean, oneOf, positiveInteger, text, type OptionTable, type Split } from '@gradstream/numerics';
import { parseCifar } from '../cifar.ts';
import { dataset, infoOf, divisionRules, type Data, type DataInfo } from '../data.ts';
import { parseIdxImages, parseIdxLabels } from '../idx.ts';
import { first, partition, type DivisionOptions } from '../partition.ts';
import { inMemory, view } from '../split.ts';
import { standardized } from '../standardize.ts';
import { cifarOnDisk, idxOnDisk } from './on-disk.ts';
import { findFile, missing } from './place.ts';
import { readBytes } from './read.ts';

/** Options of image sets with an official test part. `subset` and `validation` are taken from the official training part. */
export interface ImageSetOptions extends Omit<DivisionOptions, 'test'> {
  /** Folder with the files, or with a folder of the set's name in it. Default `GRADSTREAM_DATA_DIR`, else the cache. */
  readonly dir?: string;
  /** Only the first n training images, in the order of the file. */
  readonly first?: number;
  /** Only the first n test images. Default all. */
  readonly test?: number;
  /** Gives each channel mean 0 and variance 1 by the training part; see `standardized`. Default false: bytes, read as value / 255. */
  readonly standardize?: boolean;
  /** `load` reads the files once, `disk` reads each batch from them (unpacked files only) and keeps nothing. Default `load`. */
  readonly memory?: 'load' | 'disk';
}

const rules: OptionTable<ImageSetOptions> = { ...divisionRules, dir: text, first: positiveInteger, test: positiveInteger, memory: oneOf('load', 'disk'), standardize: boolean };

/** MNIST: 60,000 + 10,000 handwritten digits, 28x28 grey. LeCun, Bottou, Bengio, Haffner 1998. */
export const mnist = dataset<ImageSetOptions, Data<'classes'>>('mnist', rules, (options) =>
  idxSet('mnist', digitNames, options, { about: 'handwritten digits, 28x28 grey', licence: 'Y. LeCun and C. Cortes; commonly distributed as CC BY-SA 3.0' }));

/** Fashion-MNIST: 60,000 + 10,000 articles of clothing, 28x28 grey. Xiao, Rasul, Vollgraf 2017, https://arxiv.org/abs/1708.07747 */
export const fashionMnist = dataset<ImageSetOptions, Data<'classes'>>('fashion-mnist', rules, (options) =>
  idxSet('fashion-mnist', ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'], options, { about: 'articles of clothing, 28x28 grey', licence: 'MIT, Copyright (c) 2017 Zalando SE' }));

/**
 * CIFAR-10: 50,000 + 10,000 photographs, 32x32 colour. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
 * Where only the first 4,000 records of training batch 1 are at hand, records 0 to 2,999 train and 3,000 to 3,999 test; `info.note` says so.
 */
export const cifar10 = dataset<ImageSetOptions, Data<'classes'>>('cifar-10', rules, async (options) => {
  const find = (name: string): string | undefined => findFile(options.dir, ['cifar-10', 'cifar-10-batches-bin'], [name]);
  const partial = find('data_batch_1_first4000.bin');
  const names = ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin', 'test_batch.bin'];
  const about = { about: 'photographs, 32x32 colour', licence: 'no formal licence; cite A. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images"' };
  const open = (paths: readonly string[], role: 'train' | 'test'): Promise<Split<'classes'>> | Split<'classes'> =>
    options.memory === 'disk' ? cifarOnDisk({ dataset: 'cifar-10', role, names: cifarNames, paths }) : loadCifar(paths, role);
  if (partial && names.some((name) => !find(name))) {
    const all = await open([partial], 'train');
    const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i);
    const edge = Math.floor(all.size * 0.75);
    return divideTrain(view(all, range(0, edge)), view(all, range(edge, all.size), 'test'), options, {
      ...about, note: `no official test images: records 0 to ${edge - 1} of training batch 1 train, ${edge} to ${all.size - 1} test`,
    });
  }
  const paths = names.map((name) => {
    const path = find(name);
    if (!path) throw missing('cifar-10', options.dir, 'cifar-10', name);
    return path;
  });
  return divideTrain(await open(paths.slice(0, 5), 'train'), await open(paths.slice(5), 'test'), options, about);
});

const digitNames = Array.from({ length: 10 }, (_, digit) => String(digit));
const cifarNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

type About = Pick<DataInfo, 'about' | 'licence' | 'note'>;

async function idxSet(name: string, names: readonly string[], options: ImageSetOptions, about: About): Promise<Data<'classes'>> {
  const find = (file: string): string => {
    const path = findFile(options.dir, [name], [file]);
    if (!path) throw missing(name, options.dir, name, file);
    return path;
  };
  const load = async (part: 'train' | 't10k'): Promise<Split<'classes'>> => {
    const [images, labels] = [find(`${part}-images-idx3-ubyte`), find(`${part}-labels-idx1-ubyte`)];
    const role = part === 'train' ? 'train' : 'test';
    const labelsOf = async (count: number): Promise<Int32Array> => parseIdxLabels(await readBytes(labels), labels, names.length, count);
    if (options.memory === 'disk') return idxOnDisk({ dataset: name, role, names, path: images, labelsOf });
    const { count, height, width, values } = parseIdxImages(await readBytes(images), images);
    return inMemory<'classes'>({
      dataset: name, role, names,
      store: { inputShape: [height, width, 1], inputs: values, targets: { kind: 'classes', width: names.length, shape: [count], values: await labelsOf(count) } },
    });
  };
  // One after the other, so that of two broken files it is always the first that is named.
  const train = await load('train');
  return divideTrain(train, await load('t10k'), options, about);
}

async function loadCifar(paths: readonly string[], role: 'train' | 'test'): Promise<Split<'classes'>> {
  const records: ReturnType<typeof parseCifar>[] = [];
  for (const path of paths) records.push(parseCifar(await readBytes(path), path, cifarNames.length));
  const count = records.reduce((n, { labels }) => n + labels.length, 0);
  const inputs = new Uint8Array(count * 3_072);
  const values = new Int32Array(count);
  let at = 0;
  for (const { images, labels } of records) {
    inputs.set(images, at * 3_072);
    values.set(labels, at);
    at += labels.length;
  }
  return inMemory<'classes'>({ dataset: 'cifar-10', role, names: cifarNames, store: { inputShape: [32, 32, 3], inputs, targets: { kind: 'classes', width: 10, shape: [count], values } } });
}

/** The official parts; a validation part only when it is asked for, and no permutation unless one is needed. */
function divideTrain(official: Split<'classes'>, officialTest: Split<'classes'>, { first: firstTrain, test: firstTest, subset, validation = 0, seed, stratified, standardize = false }: ImageSetOptions, about: About): Data<'classes'> {
  const all = firstTrain === undefined ? official : first(official, firstTrain);
  const test = firstTest === undefined ? officialTest : first(officialTest, firstTest);
  const info = infoOf(official, about);
  const parts = subset === undefined && validation === 0 ? { train: all } : partition(all, { subset, validation, seed, stratified });
  const held = 'validation' in parts && parts.validation.size > 0 ? { validation: parts.validation } : {};
  const data: Data<'classes'> = { train: parts.train, ...held, test, info };
  return standardize ? standardized(data) : data;
}
