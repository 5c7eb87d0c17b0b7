import type { Key } from './random.ts';

/** What is predicted: a class each, a distribution over classes, or numbers. */
export type Targets = 'classes' | 'probabilities' | 'values';

/** Targets of one kind; `kind` tells them apart, and lets the type checker follow it through a pipeline. */
export interface TargetsOf<T extends Targets> {
  readonly kind: T;
  /** Number of classes, or of predicted numbers. */
  readonly width: number;
  /** Shape with the batch in front. */
  readonly shape: readonly number[];
  readonly values: T extends 'classes' ? Int32Array : Float32Array;
}

/**
 * The targets of a batch.
 * `classes`: `values` holds one class index per example (Int32Array [size], or [size, positions] for sequences);
 * `probabilities`: Float32Array [size, width], rows sum to 1; `values`: Float32Array [size, width].
 */
export type TargetValues<T extends Targets = Targets> = T extends Targets ? TargetsOf<T> : never;

/** What the targets of a split are. */
export interface TargetInfo<T extends Targets = Targets> {
  readonly kind: T;
  /** Number of classes, or of predicted numbers. */
  readonly width: number;
  /** Names of the classes or of the predicted columns. */
  readonly names?: readonly string[];
}

/** Plain typed arrays: Uint8Array means bytes and is read as value / 255, Int32Array means tokens. */
export type InputValues = Uint8Array | Float32Array | Int32Array;

/** Some examples, inputs [size, ...inputShape] (images: [size, height, width, channels]) and their targets. */
export interface Examples<T extends Targets = Targets> {
  readonly size: number;
  /** Shape with the batch in front. */
  readonly inputShape: readonly number[];
  readonly inputs: InputValues;
  readonly targets: TargetValues<T>;
}

/** The examples of one step and where in the run they stand. */
export interface Batch<T extends Targets = Targets> extends Examples<T> {
  /** 0-based step of the run that this batch feeds. */
  readonly step: number;
  /** 0-based epoch. */
  readonly epoch: number;
  /** 0-based position in the epoch. */
  readonly index: number;
  readonly batchesPerEpoch: number;
  /** Steps of the whole run, when it is bounded. */
  readonly totalSteps?: number;
  /** Which examples of the split these are. */
  readonly ids: Uint32Array;
  /** Random key of this step; whoever draws folds in a purpose first. */
  readonly key: Key;
}

/** What a split is for. Only `train` may be trained on; `test` refuses to decide anything. */
export type SplitRole = 'train' | 'validation' | 'test';

/** Some examples of a data set, by index. Splits of one data set are disjoint. */
export interface Split<T extends Targets = Targets> {
  readonly dataset: string;
  readonly role: SplitRole;
  readonly size: number;
  /** Shape of one example, without the batch. */
  readonly inputShape: readonly number[];
  readonly targets: TargetInfo<T>;
  /** Copies examples out; the same indices give the same bytes. Indices count from 0 within this split. */
  gather(indices: ArrayLike<number>): Examples<T>;
  /** Where the examples lie, when all of them are in memory: a worker gathers from it on its own. */
  readonly store?: ExampleStore<T>;
  /** Of a test split: how many times it was looked at, that is, how often any one example was read. */
  readonly looks?: number;
}

/** All examples of a data set as plain arrays; copied or shared with a worker as it is. */
export interface ExampleStore<T extends Targets = Targets> {
  /** Shape of one example, without the batch. */
  readonly inputShape: readonly number[];
  /** [count, ...inputShape] */
  readonly inputs: InputValues;
  /** Targets of all examples, `shape[0]` = count. */
  readonly targets: TargetValues<T>;
  /** Which examples the split holds, in its order; all of them where absent. */
  readonly positions?: Uint32Array;
}

/** Arrays of so many bytes need no buffer; a larger one is worth sharing. */
const ON_HEAP = 64;

/** Copies examples out of a store: index i of the split is the example at `positions[i]`. Inputs and targets may lie in one buffer. */
export const gatherFrom = <T extends Targets>(store: ExampleStore<T>, indices: ArrayLike<number>): Examples<T> => gathererOf(store)(indices);

/** `gatherFrom` for many batches of one store: what does not change from batch to batch is found once, and shapes are shared. */
export function gathererOf<T extends Targets>({ inputShape, inputs, targets, positions }: ExampleStore<T>): (indices: ArrayLike<number>) => Examples<T> {
  const { kind, width, shape, values } = targets;
  const example = sizeOf(inputShape);
  const target = sizeOf(shape, 1);
  let last = -1;
  let shapes: { readonly inputs: readonly number[]; readonly targets: readonly number[] };
  return (indices) => {
    const size = indices.length;
    if (size !== last) {
      last = size;
      shapes = { inputs: [size, ...inputShape], targets: [size, ...shape.slice(1)] };
    }
    const inputBytes = (size * example * inputs.BYTES_PER_ELEMENT + 3) & ~3;
    const bytes = inputBytes + size * target * values.BYTES_PER_ELEMENT;
    const buffer = bytes > ON_HEAP ? new ArrayBuffer(bytes) : undefined;
    return {
      size,
      inputShape: shapes.inputs,
      inputs: copyRows(inputs, example, indices, positions, viewLike(inputs, buffer, 0, size * example)),
      targets: { kind, width, shape: shapes.targets, values: copyRows(values, target, indices, positions, viewLike(values, buffer, inputBytes, size * target)) } as TargetValues as TargetValues<T>,
    };
  };
}

/** Where the inputs of some examples are, as long as nobody has asked for them as an array. Not enumerable, so that a spread loses it. */
const WAITING: unique symbol = Symbol('gradstream.waiting');

interface Waiting {
  readonly [WAITING]?: { readonly bytes: boolean; copyTo(to: InputValues): void };
}

/** As `gatherFrom`, but inputs are copied when they are first read. `copyInputs` writes them where they are needed without that. */
export function gatherLater<T extends Targets>({ inputShape, inputs, targets, positions }: ExampleStore<T>, indices: ArrayLike<number>): Examples<T> {
  const size = indices.length;
  const example = sizeOf(inputShape);
  const target = sizeOf(targets.shape, 1);
  let copy: InputValues | undefined;
  const source: Waiting[typeof WAITING] = { bytes: inputs instanceof Uint8Array, copyTo: (to) => void (copy ? to.set(copy) : copyRows(inputs, example, indices, positions, to)) };
  return Object.defineProperty({
    size,
    inputShape: [size, ...inputShape],
    get inputs() {
      return (copy ??= copyRows(inputs, example, indices, positions, arrayLike(inputs, size * example)));
    },
    targets: targetsWith(targets, size, copyRows(targets.values, target, indices, positions, arrayLike(targets.values, size * target))),
  }, WAITING, { value: source });
}

/** Whether some examples' inputs would be copied only when they are read. */
export const isWaiting = (examples: Pick<Examples, 'inputs'> & Waiting): boolean => examples[WAITING] !== undefined;

/** Whether inputs are bytes, read as value / 255. */
export const hasBytes = (examples: Pick<Examples, 'inputs'> & Waiting): boolean => (examples[WAITING] ? examples[WAITING].bytes : examples.inputs instanceof Uint8Array);

/** Copies the inputs of some examples; those of `gatherLater` straight from their store. */
export function copyInputs(examples: Pick<Examples, 'inputs'> & Waiting, to: InputValues): void {
  if (examples[WAITING]) examples[WAITING].copyTo(to);
  else to.set(examples.inputs);
}

const targetsWith = <T extends Targets>({ kind, width, shape }: TargetValues<T>, size: number, values: TargetValues<T>['values']): TargetValues<T> =>
  ({ kind, width, shape: [size, ...shape.slice(1)], values }) as TargetValues as TargetValues<T>;

const arrayLike = <A extends InputValues>(array: A, length: number): A =>
  (array instanceof Uint8Array ? new Uint8Array(length) : array instanceof Int32Array ? new Int32Array(length) : new Float32Array(length)) as A;

/** A view of a buffer; an array of its own where there is none. */
function viewLike<A extends InputValues>(array: A, buffer: ArrayBuffer | undefined, at: number, length: number): A {
  if (!buffer) return arrayLike(array, length);
  return (array instanceof Uint8Array ? new Uint8Array(buffer, at, length) : array instanceof Int32Array ? new Int32Array(buffer, at, length) : new Float32Array(buffer, at, length)) as A;
}

/** Copies rows of `length` elements, in the order asked for. */
function copyRows<A extends InputValues>(from: InputValues, length: number, rows: ArrayLike<number>, positions: Uint32Array | undefined, to: A): A {
  for (let i = 0, o = 0; i < rows.length; i++, o += length) {
    const start = (positions ? positions[rows[i]] : rows[i]) * length;
    if (length < 16) for (let j = 0; j < length; j++) to[o + j] = from[start + j];
    else to.set(from.subarray(start, start + length), o);
  }
  return to;
}

/** Number of elements of a shape; `from` leaves the first dimensions out. */
export function sizeOf(shape: readonly number[], from = 0): number {
  let size = 1;
  for (let i = from; i < shape.length; i++) size *= shape[i];
  return size;
}
