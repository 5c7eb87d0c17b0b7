import { Columns, hasNaN, hasNegativeInfinity, hasPositiveInfinity } from '@gradstream/charts';
import { bucketColumns, type Buckets } from '../server/source.ts';

const finite = (y: number): boolean => y - y === 0;

/** A bucket as a column of a curve. Where infinities hide its finite extremes, these are the ends that are known: nearer, the two come apart. */
export function columnOf(buckets: Buckets, i: number, x: number, xLast: number, into: Columns): Columns {
  const [count, nan, min, max, mean, first, last] = [buckets.count[i], buckets.nan[i], buckets.min[i], buckets.max[i], buckets.mean[i], buckets.first[i], buckets.last[i]];
  const flags = (nan > 0 ? hasNaN : 0) | (max === Infinity ? hasPositiveInfinity : 0) | (min === -Infinity ? hasNegativeInfinity : 0);
  const infinite = (max === Infinity ? 1 : 0) + (min === -Infinity ? 1 : 0);
  const known = [first, last, min, max].filter(finite);
  into.clear();
  if (known.length === 0) {
    into.push(x, xLast, count, 0, NaN, NaN, NaN, NaN, nan === count ? NaN : max === Infinity ? Infinity : -Infinity, flags);
    return into;
  }
  const [least, greatest] = [Math.min(...known), Math.max(...known)];
  into.push(x, xLast, count, Math.max(1, count - nan - infinite), least, greatest, finite(first) ? first : least, finite(last) ? last : least, finite(mean) ? mean : (least + greatest) / 2, flags);
  return into;
}

/** Whether each bucket is a single point: nothing nearer is to be had. */
export const isSingle = ({ count }: Buckets): boolean => count.every((n) => n === 1);

export const totalOf = (column: Float64Array): number => column.reduce((sum, n) => sum + n, 0);

/** One bucket as a list of its own, with some columns replaced. */
const part = (buckets: Buckets, i: number, changed: { readonly [column in keyof Buckets]?: number }): Buckets =>
  Object.fromEntries(bucketColumns.map((column) => [column, Float64Array.of(changed[column] ?? buckets[column][i])])) as unknown as Buckets;

const slice = (buckets: Buckets, from: number, to: number): Buckets => Object.fromEntries(bucketColumns.map((column) => [column, buckets[column].subarray(from, to)])) as unknown as Buckets;

/**
 * A coarse curve with a stretch of it in finer buckets: lists to be read one after the other. Of the coarse buckets that the
 * stretch cuts through, the rest stays, with as many points as the fine ones leave, so that no point counts twice.
 */
export function spliced(coarse: Buckets, fine: Buckets): readonly Buckets[] {
  const [n, m] = [coarse.count.length, fine.count.length];
  if (m === 0) return [coarse];
  const [begin, end] = [fine.step0[0], fine.step1[m - 1]];
  let first = 0;
  while (first < n && coarse.step1[first] < begin) first++;
  let last = n - 1;
  while (last >= 0 && coarse.step0[last] > end) last--;
  if (first > last) return [slice(coarse, 0, first), fine, slice(coarse, first, n)];
  const left = Math.max(0, begin - coarse.step0[first]);
  const right = Math.max(0, coarse.step1[last] - end);
  const rest = (column: 'count' | 'nan') => Math.max(0, totalOf(coarse[column].subarray(first, last + 1)) - totalOf(fine[column]));
  const [points, nans] = [rest('count'), rest('nan')];
  const before = left === 0 ? 0 : right === 0 ? points : Math.round((points * left) / (left + right));
  const nansBefore = Math.min(before, nans);
  return [
    slice(coarse, 0, first),
    ...(before > 0 ? [part(coarse, first, { step1: begin - 1, wall1: Math.min(coarse.wall1[first], fine.wall0[0]), count: before, nan: nansBefore, last: coarse.mean[first] })] : []),
    fine,
    ...(points - before > 0 && right > 0 ? [part(coarse, last, { step0: end + 1, wall0: Math.max(coarse.wall0[last], fine.wall1[m - 1]), count: points - before, nan: nans - nansBefore, first: coarse.mean[last] })] : []),
    slice(coarse, last + 1, n),
  ];
}
