import { Columns, hasNaN, hasPositiveInfinity } from '@gradstream/charts';
import fc from 'fast-check';
import { bucketsOf } from './buckets.fixture.ts';
import { columnOf, spliced, totalOf } from './buckets.model.ts';

describe('a bucket as a column', () => {
  const column = (values: readonly number[]) => {
    const { points, finite, min, max, mean, flags } = columnOf(bucketsOf(values, values.length), 0, 0, 1, new Columns());
    return [points[0], finite[0], min[0], max[0], mean[0], flags[0]];
  };

  it('counts NaN and leaves infinities out of its extremes', () => {
    expect(column([1, NaN, 3])).toEqual([3, 2, 1, 3, 2, hasNaN]);
    expect(column([1, Infinity, 3])).toEqual([3, 2, 1, 3, 2, hasPositiveInfinity]);
  });

  it('without a finite point has none, and its mean says which', () => {
    expect(column([NaN, NaN])).toEqual([2, 0, NaN, NaN, NaN, hasNaN]);
    expect(column([Infinity])).toEqual([1, 0, NaN, NaN, Infinity, hasPositiveInfinity]);
  });
});

describe('spliced', () => {
  it('keeps every point once and in order, wherever the fine stretch lies', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(NaN)), { minLength: 1, maxLength: 120 }), fc.nat(), fc.nat(), fc.integer({ min: 2, max: 30 }), (values, a, b, size) => {
      const [from, to] = [a % values.length, b % values.length].sort((x, y) => x - y);
      const parts = spliced(bucketsOf(values, size), bucketsOf(values.slice(from, to + 1), 1, from));
      expect(parts.reduce((sum, { count }) => sum + totalOf(count), 0)).toBe(values.length);
      expect(parts.reduce((sum, { nan }) => sum + totalOf(nan), 0)).toBe(values.filter(Number.isNaN).length);
      const steps = parts.flatMap(({ step0, step1 }) => [...step0].flatMap((step, i) => [step, step1[i]]));
      expect(steps).toEqual([...steps].sort((x, y) => x - y));
    }));
  });
});
