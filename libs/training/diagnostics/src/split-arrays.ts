/** Whole splits as arrays, for measures that look at all examples at once. */
import { gatherFrom, sizeOf, type Examples, type ExampleStore, type Split } from '@gradstream/numerics';
import { unitFromBytes } from '@gradstream/engine';

const indices = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, i) => i);

/** All examples of a split, in its order. Of a test split this is one look. */
export const allOf = <T extends Split>(split: T, limit = split.size): Examples => split.gather(indices(Math.min(limit, split.size)));

/** A train split whose bytes have become numbers in [0, 1], so that noise added to them is neither rounded nor cut off. */
export function withUnitInputs<T extends Split>(split: T): T {
  if (!split.store || !(split.store.inputs instanceof Uint8Array)) return split;
  const own = gatherFrom(split.store, indices(split.size));
  const store: ExampleStore = { inputShape: split.inputShape, inputs: unitFromBytes(own.inputs as Uint8Array), targets: own.targets };
  return { ...split, store, gather: (wanted: ArrayLike<number>) => gatherFrom(store, wanted) };
}

/** Columns with mean 0 and variance 1, constant ones left out, the first `most` of them: [rows, columns] row by row. */
export function standardized({ size, inputShape, inputs }: Pick<Examples, 'size' | 'inputShape' | 'inputs'>, most = Infinity): { readonly values: Float64Array; readonly columns: number } {
  const width = sizeOf(inputShape.slice(1));
  const columns = Array.from({ length: width }, (_, c) => Float64Array.from({ length: size }, (_, r) => inputs[r * width + c]))
    .map((column) => {
      const centre = column.reduce((a, b) => a + b, 0) / size;
      const spread = Math.sqrt(column.reduce((sum, x) => sum + (x - centre) ** 2, 0) / size);
      return spread > 1e-9 ? column.map((x) => (x - centre) / spread) : undefined;
    })
    .filter((column) => column !== undefined)
    .slice(0, most);
  const values = new Float64Array(size * columns.length);
  columns.forEach((column, c) => column.forEach((x, r) => (values[r * columns.length + c] = x)));
  return { values, columns: columns.length };
}
