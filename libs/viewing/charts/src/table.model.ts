import { BucketCurve } from './bucket-curve.ts';
import type { CurveLine } from './curve-chart.ts';
import type { Range } from './range.ts';

/** A chart as a table: a row for each shown x, a cell for each line (undefined where a line has no point there). */
export interface ChartTable {
  readonly rows: readonly { readonly x: number; readonly cells: readonly (number | undefined)[] }[];
  /** Places in the window, of which the table shows `rows`. */
  readonly places: number;
  /** Points that these stand for: more where a place is a bucket, whose cell is its mean. */
  readonly points: number;
}

/** Thins a window of some lines to at most `limit` rows, each an exact point (or the mean of a bucket); the first and the last stay. */
export function tableOf(lines: readonly Pick<CurveLine, 'curve'>[], [from, to]: Range, limit = 60): ChartTable {
  const all = new Set<number>();
  let folded = 0;
  for (const { curve } of lines) {
    if (curve instanceof BucketCurve) {
      const { points, buckets } = curve.within(from, to);
      folded = Math.max(folded, points - buckets);
    }
    const { x } = curve;
    for (let i = curve.indexAt(from); i < x.length && x[i] <= to; i++) all.add(x[i]);
  }
  const xs = Float64Array.from(all).sort();
  const stride = xs.length > limit ? (xs.length - 1) / (limit - 1) : 1;
  const chosen = Array.from({ length: Math.min(limit, xs.length) }, (_, i) => xs[Math.round(i * stride)]);
  return {
    places: xs.length,
    points: xs.length + folded,
    rows: chosen.map((x) => ({ x, cells: lines.map(({ curve }) => {
      const i = curve.indexAt(x);
      return i < curve.length && curve.x[i] === x ? curve.y[i] : undefined;
    }) })),
  };
}
