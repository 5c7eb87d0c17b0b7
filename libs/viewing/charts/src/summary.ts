import { flagOf, hasNaN, hasPositiveInfinity, type Curve } from './curve.ts';

/** What there is to say about a curve in words; the catalogue of a language makes the sentence. */
export interface CurveSummary {
  readonly points: number;
  readonly nan: number;
  readonly infinite: number;
  /** Absent when no value is finite. */
  readonly first?: { readonly x: number; readonly y: number };
  readonly last?: { readonly x: number; readonly y: number };
  readonly min?: { readonly x: number; readonly y: number };
  readonly max?: { readonly x: number; readonly y: number };
  readonly trend?: 'fell' | 'rose' | 'stayed';
}

/** Reads a whole curve once. `stayed` means that last and first differ by under a hundredth of the spread. */
export function summarise({ x, y }: Pick<Curve, 'x' | 'y'>): CurveSummary {
  let nan = 0;
  let infinite = 0;
  let first = -1;
  let last = -1;
  let min = -1;
  let max = -1;
  for (let i = 0; i < y.length; i++) {
    const flag = flagOf(y[i]);
    if (flag === hasNaN) nan++;
    else if (flag) infinite++;
    else {
      if (first < 0) first = min = max = i;
      last = i;
      if (y[i] < y[min]) min = i;
      if (y[i] > y[max]) max = i;
    }
  }
  if (first < 0) return { points: y.length, nan, infinite };
  const at = (i: number) => ({ x: x[i], y: y[i] });
  const change = y[last] - y[first];
  const trend = Math.abs(change) <= (y[max] - y[min]) / 100 ? 'stayed' : change < 0 ? 'fell' : 'rose';
  return { points: y.length, nan, infinite, first: at(first), last: at(last), min: at(min), max: at(max), trend };
}

/** Glyph of the gutter for the flags of a column: NaN before +∞ before −∞. */
export const gutterGlyph = (flags: number): 'nan' | 'up' | 'down' | undefined => (flags === 0 ? undefined : flags & hasNaN ? 'nan' : flags & hasPositiveInfinity ? 'up' : 'down');
