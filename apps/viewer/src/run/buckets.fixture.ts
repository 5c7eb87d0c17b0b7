import { packCurve } from '../server/pack-curve.ts';
import type { Buckets } from '../server/source.ts';

/** The values at steps `from`, `from + 1`, …, so many of them in a bucket, as the server takes them together. */
export function bucketsOf(values: readonly number[], size: number, from = 0): Buckets {
  const groups = Array.from({ length: Math.ceil(values.length / size) }, (_, k) => values.slice(k * size, (k + 1) * size));
  const step0 = groups.map((_, k) => from + k * size);
  const step1 = groups.map((group, k) => step0[k] + group.length - 1);
  const numbers = groups.map((group) => group.filter((y) => !Number.isNaN(y)));
  const { run: _, metric: __, ...columns } = packCurve({
    run: 'r', metric: 'loss', step0, step1, wall0: step0.map((step) => 1_000 + 10 * step), wall1: step1.map((step) => 1_000 + 10 * step),
    count: groups.map(({ length }) => length), nan: groups.map((group, k) => group.length - numbers[k].length),
    min: numbers.map((group) => (group.length ? Math.min(...group) : NaN)), max: numbers.map((group) => (group.length ? Math.max(...group) : NaN)),
    mean: numbers.map((group) => group.reduce((a, b) => a + b, 0) / group.length), first: groups.map((group) => group[0]), last: groups.map((group) => group.at(-1)!),
  });
  return columns;
}
