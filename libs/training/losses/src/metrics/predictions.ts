import { InputError, type Examples, type TargetValues } from '@gradstream/numerics';

/** Plain outputs as rows beside their targets. */
export interface Rows {
  /** Rows: examples, or positions of sequences. */
  readonly count: number;
  /** Numbers in a row of outputs. */
  readonly width: number;
}

/** How outputs divide into rows: one for each class target, or for each row of targets. */
export function rowsIn(where: string, outputs: Float32Array, targets: TargetValues): Rows {
  const count = targets.kind === 'classes' ? targets.values.length : targets.values.length / targets.width;
  const width = count > 0 ? outputs.length / count : 0;
  if (!Number.isInteger(width)) throw new InputError(`${where}: ${outputs.length} outputs do not divide over ${count} targets`);
  return { count, width };
}

/** Index of the largest of `width` numbers from `offset` on, the first of equals; -1 when any is NaN. */
export function argMax(values: ArrayLike<number>, offset: number, width: number): number {
  let best = 0;
  for (let k = 0; k < width; k++) {
    if (Number.isNaN(values[offset + k])) return -1;
    if (values[offset + k] > values[offset + best]) best = k;
  }
  return best;
}

/** The class of row `i`: of a distribution, the one with the largest share. */
export const labelOf = (targets: TargetValues, i: number): number =>
  targets.kind === 'classes' ? targets.values[i] : argMax(targets.values, i * targets.width, targets.width);

/** Refuses targets that are numbers rather than classes. */
export function needsClasses(where: string, { targets }: Pick<Examples, 'targets'>): void {
  if (targets.kind === 'values') throw new InputError(`${where}: needs targets that are classes, received values`);
}

/** A row of outputs as probabilities of classes, in float64. One sigmoid output is the second of two classes. */
export function probabilities(outputs: Float32Array, offset: number, width: number, link: 'softmax' | 'sigmoid' | 'identity'): number[] {
  const row = Array.from({ length: width }, (_, k) => outputs[offset + k]);
  if (link === 'sigmoid') {
    const each = row.map((x) => 1 / (1 + Math.exp(-x)));
    return width === 1 ? [1 - each[0], each[0]] : each;
  }
  if (link === 'identity') return row;
  const largest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}
