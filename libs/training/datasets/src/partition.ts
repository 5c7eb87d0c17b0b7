import { fold, InputError, key, permutation, uniformAt, type Split, type SplitRole, type Targets } from '@gradstream/numerics';
import { targetsOf, view } from './split.ts';

/** How a split is divided. Counts are whole numbers; a number below 1 is a share of all examples. */
export interface PartitionOptions {
  /** Examples to train on; by default all that are left. */
  readonly subset?: number;
  /** Examples to validate on. Default 0. */
  readonly validation?: number;
  /** Examples to test on. Default 0. */
  readonly test?: number;
  /** Seed of the permutation. Default 0. */
  readonly seed?: number;
  /** Keeps the share of each class in every part. Default false. */
  readonly stratified?: boolean;
}

/** How a data set is divided, and what is done to the part that trains. */
export interface DivisionOptions extends PartitionOptions {
  /** Share of the training labels that are made wrong on purpose, with the same seed; see `labelNoise`. Default 0. */
  readonly labelNoise?: number;
}

/** Disjoint parts of one split. */
export interface Partition<T extends Targets> {
  readonly train: Split<T>;
  readonly validation: Split<T>;
  readonly test: Split<T>;
}

/**
 * Divides a train split into disjoint parts: one seeded permutation, of which the first `subset` examples train,
 * the next `validation` ones validate and the next `test` ones test.
 */
export function partition<T extends Targets>(split: Split<T>, options: PartitionOptions = {}): Partition<T> {
  mustTrain('partition', split);
  const parts = divide(split.dataset, split.size, options, () => classesOf(split));
  return { train: view(split, parts.train), validation: view(split, parts.validation, 'validation'), test: view(split, parts.test, 'test') };
}

/** The same for row numbers alone. */
export function divide(dataset: string, size: number, { subset, validation = 0, test = 0, seed = 0, stratified = false }: PartitionOptions, classes: () => Classes): Readonly<Record<SplitRole, Uint32Array>> {
  const count = (n: number): number => (n < 1 ? Math.round(n * size) : n);
  const [held, tested] = [count(validation), count(test)];
  const trained = subset === undefined ? size - held - tested : count(subset);
  if (trained < 1 || trained + held + tested > size) {
    throw new InputError(`${dataset}: ${size} examples are too few to train on ${subset === undefined ? 'at least one' : trained}, validate on ${held} and test on ${tested}`);
  }
  const order = orderOf(size, seed, stratified ? classes() : undefined);
  return { train: order.slice(0, trained), validation: order.slice(trained, trained + held), test: order.slice(trained + held, trained + held + tested) };
}

/** n examples of a split, drawn without replacement: the first n of a seeded permutation. */
export function subset<T extends Targets>(split: Split<T>, { n, seed = 0, stratified = false }: { readonly n: number; readonly seed?: number; readonly stratified?: boolean }): Split<T> {
  if (!(Number.isInteger(n) && n >= 1 && n <= split.size)) throw new InputError(`subset: n must be a whole number from 1 to ${split.size}, received ${n}`);
  return view(split, orderOf(split.size, seed, stratified ? classesOf(split) : undefined).slice(0, n));
}

/** The first n examples of a split, in its own order. */
export function first<T extends Targets>(split: Split<T>, n: number): Split<T> {
  if (!(Number.isInteger(n) && n >= 1 && n <= split.size)) throw new InputError(`first: n must be a whole number from 1 to ${split.size}, received ${n}`);
  return view(split, Uint32Array.from({ length: n }, (_, i) => i));
}

/** k ways to train on all but one fold and validate on that fold; every example validates exactly once. */
export function kFold<T extends Targets>(split: Split<T>, { k, seed = 0, stratified = false }: { readonly k: number; readonly seed?: number; readonly stratified?: boolean }): readonly Omit<Partition<T>, 'test'>[] {
  mustTrain('kFold', split);
  if (!(Number.isInteger(k) && k >= 2 && k <= split.size)) throw new InputError(`kFold: k must be a whole number from 2 to ${split.size}, received ${k}`);
  const order = orderOf(split.size, seed, stratified ? classesOf(split) : undefined);
  const bound = (fold: number): number => Math.floor((fold * split.size) / k);
  return Array.from({ length: k }, (_, i) => ({
    train: view(split, Uint32Array.from([...order.subarray(0, bound(i)), ...order.subarray(bound(i + 1))])),
    validation: view(split, order.slice(bound(i), bound(i + 1)), 'validation'),
  }));
}

/** The class of each example, to keep shares by. */
interface Classes {
  readonly values: ArrayLike<number>;
  readonly width: number;
}

function classesOf(split: Split): Classes {
  mustTrain('stratified', split);
  if (split.targets.kind !== 'classes') throw new InputError(`stratified: only classes can keep their shares, '${split.dataset}' has ${split.targets.kind}`);
  return { values: targetsOf(split), width: split.targets.width };
}

/** A seeded order of all examples. Given classes, every stretch of it holds each class in its share (within one example). */
function orderOf(size: number, seed: number, classes: Classes | undefined): Uint32Array {
  const from = fold(key(seed), 'partition');
  const order = permutation(from, size);
  if (!classes) return order;
  const { values, width } = classes;
  const counts = new Uint32Array(width);
  for (let i = 0; i < size; i++) counts[values[i]]++;
  const seen = new Uint32Array(width);
  const rank = new Float64Array(size);
  for (const i of order) rank[i] = (seen[values[i]]++ + uniformAt(fold(from, 'ties'), values[i])) / counts[values[i]];
  return order.sort((a, b) => rank[a] - rank[b] || a - b);
}

/** Only what is trained on may be divided or changed. */
export function mustTrain(where: string, split: Split): void {
  if (split.role !== 'train') throw new InputError(`${where}: only a train split is divided or changed, received the ${split.role} split of '${split.dataset}'`);
}
