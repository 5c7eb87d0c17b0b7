import { gatherFrom, InputError, sizeOf, type ExampleStore, type Split, type SplitRole, type TargetInfo, type Targets } from '@gradstream/numerics';

/** What `inMemory` takes. */
export interface InMemoryOptions<T extends Targets> {
  /** Name of the data set, as runs report it. */
  readonly dataset: string;
  /** Default `train`. */
  readonly role?: SplitRole;
  /** All examples, [count, ...inputShape], and their targets. They are kept, not copied. */
  readonly store: ExampleStore<T>;
  /** Names of the classes or of the predicted columns. */
  readonly names?: readonly string[];
}

/**
 * A split over arrays in memory.
 *
 * A `test` split hands out no `store`: every read goes through `gather` and is counted in `looks`.
 *
 * @throws InputError when inputs and targets do not fit each other, or a class is out of range
 */
export function inMemory<T extends Targets>({ dataset, role = 'train', store, names }: InMemoryOptions<T>): Split<T> {
  checkStore(dataset, store);
  const { targets: { kind, width, shape }, positions } = store;
  const size = positions ? positions.length : shape[0];
  return makeSplit({
    dataset, role, size,
    inputShape: store.inputShape,
    targets: { kind, width, ...(names ? { names } : {}) } as TargetInfo<T>,
    gather: (indices) => gatherFrom(store, indices),
    ...(role === 'test' ? {} : { store }),
  });
}

/** Checks the indices of every read, and counts the reads of a test split. */
export function makeSplit<T extends Targets>(split: Split<T>): Split<T> {
  const { dataset, role, size } = split;
  const gather: Split<T>['gather'] = (indices) => {
    for (let i = 0; i < indices.length; i++) {
      if (!(indices[i] >= 0 && indices[i] < size)) throw new RangeError(`${dataset}: example ${indices[i]} does not exist in the ${role} split, which has ${size}`);
    }
    return split.gather(indices);
  };
  if (role !== 'test' || split.looks !== undefined) return withGather(split, gather);

  const reads = new Uint32Array(size);
  let looks = 0;
  return Object.defineProperty(withGather(split, (indices) => {
    const examples = gather(indices);
    for (let i = 0; i < indices.length; i++) looks = Math.max(looks, ++reads[indices[i]]);
    return examples;
  }), 'looks', { get: () => looks, enumerable: true });
}

const withGather = <T extends Targets>(split: Split<T>, gather: Split<T>['gather']): Split<T> =>
  Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(split), gather: { value: gather, enumerable: true } }) as Split<T>;

/** The examples of `split` at `positions`, in that order; reads of a test split go on counting in its own ledger. */
export function view<T extends Targets>(split: Split<T>, positions: Uint32Array, role: SplitRole = split.role): Split<T> {
  if (split.role === 'test' && role !== 'test') throw new InputError(`${split.dataset}: a test split stays a test split; it cannot become a ${role} split`);
  const { dataset, inputShape, targets, store } = split;
  const inner = store?.positions;
  const mine = store && { ...store, positions: inner ? positions.map((p) => inner[p]) : positions };
  const derived: Split<T> = {
    dataset, role, inputShape, targets,
    size: positions.length,
    gather: mine && role !== 'test' ? (indices) => gatherFrom(mine, indices) : (indices) => split.gather(Uint32Array.from(indices, (i) => positions[i])),
    ...(mine && role !== 'test' ? { store: mine } : {}),
  };
  return makeSplit(split.looks === undefined ? derived : Object.defineProperty(derived, 'looks', { get: () => split.looks, enumerable: true }));
}

/** All targets of a split, in its order, read in stretches of 1,024 where they lie on disk. Not for a test split, whose reads count. */
export function targetsOf<T extends Targets>(split: Split<T>): Float32Array | Int32Array {
  const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i);
  if (split.store) return gatherFrom({ ...split.store, inputShape: [0], inputs: new Uint8Array(0) }, range(0, split.size)).targets.values;
  const chunks: (Float32Array | Int32Array)[] = [];
  for (let from = 0; from < split.size; from += 1_024) chunks.push(split.gather(range(from, Math.min(split.size, from + 1_024))).targets.values);
  const all = split.targets.kind === 'classes' ? new Int32Array(chunks.reduce((n, { length }) => n + length, 0)) : new Float32Array(chunks.reduce((n, { length }) => n + length, 0));
  chunks.reduce((at, chunk) => { all.set(chunk, at); return at + chunk.length; }, 0);
  return all;
}

/** Refuses arrays that do not fit each other. */
function checkStore(dataset: string, { inputShape, inputs, targets }: ExampleStore): void {
  const { kind, width, shape, values } = targets;
  const count = shape[0];
  if (inputs.length !== count * sizeOf(inputShape)) {
    throw new InputError(`${dataset}: ${count} examples of shape [${inputShape}] are ${count * sizeOf(inputShape)} numbers, received ${inputs.length}`);
  }
  if (values.length !== sizeOf(shape)) throw new InputError(`${dataset}: targets of shape [${shape}] are ${sizeOf(shape)} numbers, received ${values.length}`);
  if (kind !== 'classes') {
    if (shape.length !== 2 || shape[1] !== width) throw new InputError(`${dataset}: targets must have shape [${count}, ${width}], received [${shape}]`);
    return;
  }
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0 && values[i] < width)) throw new InputError(`${dataset}: the label of example ${Math.floor((i * count) / values.length)} must be one of ${width} classes (0 to ${width - 1}), received ${values[i]}`);
  }
}
