import fc from 'fast-check';
import { BucketCurve } from './bucket-curve.ts';
import { Columns } from './columns.ts';
import { Curve } from './curve.ts';
import { toCsv, toJson } from './export.ts';
import { Smoothed } from './smoothing.ts';
import { summarise, Summariser } from './summary.ts';
import { tableOf } from './table.model.ts';

const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }, { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) });

const curveOf = (values: readonly number[]): Curve => {
  const curve = new Curve();
  values.forEach((y, x) => curve.append(x, y, 10 * x));
  return curve;
};

/** A curve of points, taken together so many at a time. */
function bucketed(values: readonly number[], size: number): BucketCurve {
  const [points, curve] = [curveOf(values), new BucketCurve()];
  for (let at = 0; at < values.length; at += size) curve.appendBucket(points.summary(at, Math.min(values.length, at + size)), 0, 10 * at);
  return curve;
}

describe('BucketCurve', () => {
  it('reduces any window to columns that hold every extreme and every flag of its buckets', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 2_000, size: 'max' }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 60 }), (values, size, count) => {
      const [points, buckets] = [curveOf(values).summary(), bucketed(values, size)];
      const columns = buckets.columns(0, values.length - 1, count);
      const all = new Columns();
      for (let i = 0; i < columns.length; i++) all.take(columns, i, true);
      for (const key of ['x', 'xLast', 'points', 'finite', 'min', 'max', 'first', 'last', 'flags'] as const) expect(all[key][0]).toEqual(points[key][0]);
      if (points.finite[0] > 0) expect(all.mean[0]).toBeCloseTo(points.mean[0], 3);
      expect(columns.length).toBeLessThanOrEqual(2 * count + 2);
      expect([buckets.points, buckets.end]).toEqual([values.length, values.length - 1]);
    }));
  });

  it('of single points is the curve of these points', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 400, max: 500 }), (values, at, count) => {
      const [points, buckets] = [curveOf(values), bucketed(values, 1)];
      const x = at * values.length;
      expect([buckets.nearest(x), buckets.indexAt(x), buckets.indexAfter(x), [...buckets.x], [...buckets.time]]).toEqual([points.nearest(x), points.indexAt(x), points.indexAfter(x), [...points.x], [...points.time]]);
      const [a, b] = [buckets, points].map((curve) => {
        const { length, x, min, max, first, flags } = curve.columns(x0, values.length, count);
        return [x, min, max, first, flags].map((column) => [...column.subarray(0, length)]);
      });
      expect(a).toEqual(b);
      expect(new Summariser(buckets).read()).toEqual(summarise(points));
    }));
  });
  const x0 = 3;

  it('is smoothed as its points are, where these do not vary within a bucket', () => {
    const values = Array.from({ length: 400 }, (_, x) => Math.sin(Math.floor(x / 20)));
    const [points, buckets] = [new Smoothed(curveOf(values), 0.95).curve, new Smoothed(bucketed(values, 20), 0.95).curve];
    for (let b = 0; b < 20; b++) expect(buckets.y[b]).toBeCloseTo(points.y[20 * b + 19], 10);
  });

  it('takes what does not stand behind the last bucket into it, so that nothing is lost on a clock that stands still', () => {
    const curve = new BucketCurve();
    for (const [x, y] of [[0, 1], [5, 2], [5, 9], [4, NaN], [6, 3]]) curve.append(x, y);
    const { min, max, points } = curve.buckets;
    expect([[...curve.x], curve.points, min[1], max[1], points[1], curve.described().nan]).toEqual([[0, 5, 6], 5, 2, 9, 3, 1]);
  });

  it('says that files and tables hold buckets, and single points as points', () => {
    const lines = [{ label: 'loss', curve: bucketed([1, 3, 8, 8, 5], 2) }, { label: 'rate', curve: curveOf([7]) }];
    expect(toCsv('step', lines, [0, 9])).toBe('step,loss mean,loss min,loss max,loss points,rate\n0,2,1,3,2,7\n2,8,8,8,2,\n4,5,5,5,1,\n');
    expect(JSON.parse(toJson(lines, [0, 9]))[0]).toEqual({ label: 'loss', x: [0, 2, 4], y: [2, 8, 5], min: [1, 8, 5], max: [3, 8, 5], points: [2, 2, 1] });
    expect(toCsv('step', lines, [4, 9])).toBe('step,loss,rate\n4,5,\n');
    expect(tableOf(lines, [0, 9])).toMatchObject({ places: 3, points: 5, rows: [{ x: 0, cells: [2, 7] }, { x: 2 }, { x: 4 }] });
  });
});
