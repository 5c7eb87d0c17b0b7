import type { Bounds } from './plane.model.ts';

/** Losses on a grid of a plane, row by row; the first row is the greatest β, as it is drawn. */
export interface Grid {
  readonly side: number;
  readonly bounds: Bounds;
  readonly train: Float64Array;
  readonly validation: Float64Array;
}

/** α and β of a column and a row. */
export const placeOf = ({ side, bounds: [a0, a1, b0, b1] }: Pick<Grid, 'side' | 'bounds'>, column: number, row: number): readonly [number, number] => [a0 + (column / (side - 1)) * (a1 - a0), b1 - (row / (side - 1)) * (b1 - b0)];

/** The value of a grid between its places, by bilinear interpolation; `x` and `y` in [0, 1] from the top left. */
export function between(values: ArrayLike<number>, side: number, x: number, y: number): number {
  const [cx, cy] = [x * (side - 1), y * (side - 1)];
  const [i, j] = [Math.min(side - 2, Math.max(0, Math.floor(cx))), Math.min(side - 2, Math.max(0, Math.floor(cy)))];
  const [u, v] = [cx - i, cy - j];
  const at = j * side + i;
  return (1 - v) * ((1 - u) * values[at] + u * values[at + 1]) + v * ((1 - u) * values[at + side] + u * values[at + side + 1]);
}

/** Least and greatest finite value, and where they stand. */
export function rangeOf(values: ArrayLike<number>): { readonly least: number; readonly greatest: number; readonly at: number } {
  let [least, greatest, at] = [Infinity, -Infinity, 0];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    if (values[i] < least) [least, at] = [values[i], i];
    if (values[i] > greatest) greatest = values[i];
  }
  return { least, greatest, at };
}

/** A loss as a height in [0, 1]: its logarithm or itself between the least and the greatest of a grid. What is not finite is at the top. */
export function heightOf({ least, greatest }: { readonly least: number; readonly greatest: number }, log: boolean): (loss: number) => number {
  const scale = log ? (loss: number) => Math.log(Math.max(loss, 1e-12)) : (loss: number) => loss;
  const [low, high] = [scale(least), scale(greatest)];
  return (loss) => (Number.isFinite(loss) ? Math.min(1, Math.max(0, high > low ? (scale(loss) - low) / (high - low) : 0)) : 1);
}

/** Bands of equal ratio (or difference) that the picture is drawn in. */
export const bands = 18;

/** Largest |a − b| / |b| over places where b is at least `floor`: below it a float32 loss has no digits left to compare. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-3): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) if (Number.isFinite(b[i]) && b[i] >= floor) largest = Math.max(largest, Number.isFinite(a[i]) ? Math.abs(a[i] - b[i]) / b[i] : Infinity);
  return largest;
}
