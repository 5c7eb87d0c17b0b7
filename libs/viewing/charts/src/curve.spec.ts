import fc from 'fast-check';
import { Curve, flagOf, hasNaN, hasNegativeInfinity, hasPositiveInfinity } from './curve.ts';

const value = fc.oneof({ weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) }, { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) });
const curveOf = (points: readonly (readonly [number, number])[]) => {
  const curve = new Curve();
  for (const [x, y] of points) curve.append(x, y);
  return curve;
};

describe('Curve', () => {
  it('keeps points in order of x whatever the order they came in, and lets the latest of one x win', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), value), { maxLength: 200 }), fc.nat(20), (points, readEvery) => {
      const curve = new Curve();
      const expected = new Map<number, number>();
      const arrival = new Map<number, number>();
      points.forEach(([x, y], i) => {
        curve.append(x, y, i);
        expected.set(x, y);
        arrival.set(x, i);
        if (readEvery > 0 && i % readEvery === 0) expect(curve.length).toBe(expected.size);
      });
      const sorted = [...expected].sort(([a], [b]) => a - b);
      expect([...curve.x]).toEqual(sorted.map(([x]) => x));
      expect([...curve.y]).toEqual(sorted.map(([, y]) => y));
      expect([...curve.time]).toEqual(sorted.map(([x]) => arrival.get(x)));
    }));
  });

  it('is the same whether points came one by one or side by side', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), value), { maxLength: 120 }), { maxLength: 6 }), fc.nat(3), (parts, readAt) => {
      const [single, many] = [new Curve(), new Curve()];
      parts.forEach((part, k) => {
        part.forEach(([x, y]) => single.append(x, y, 2 * x));
        many.extend(...([([x]) => x, ([, y]) => y, ([x]) => 2 * x] as ((point: readonly [number, number]) => number)[]).map((of) => Float64Array.from(part, of)) as [Float64Array, Float64Array, Float64Array]);
        if (k === readAt) expect(many.length).toBe(single.length);
      });
      for (const key of ['x', 'y', 'time'] as const) expect(many[key]).toEqual(single[key]);
      expect(many.columns(0, 400, 5)).toEqual(single.columns(0, 400, 5));
    }));
  });

  it('reduces any window to columns that hold every extreme, every NaN and every infinity of it', () => {
    fc.assert(fc.property(
      fc.array(value, { minLength: 1, maxLength: 3_000, size: 'max' }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 60 }),
      (values, a, b, count) => {
        const curve = curveOf(values.map((y, x) => [x, y] as const));
        const [from, to] = [Math.min(a, b) * values.length, Math.max(a, b) * values.length + 1];
        const columns = curve.columns(from, to, count);
        const begin = Math.max(0, Math.ceil(from) - 1);
        const inside = values.slice(begin, Math.min(values.length, Math.ceil(to) + 1));
        const finite = inside.filter(Number.isFinite);
        const shown = (key: 'min' | 'max') => [...columns[key].subarray(0, columns.length)].filter(Number.isFinite);
        expect(shown('min').reduce((x, y) => Math.min(x, y), Infinity)).toBe(finite.reduce((x, y) => Math.min(x, y), Infinity));
        expect(shown('max').reduce((x, y) => Math.max(x, y), -Infinity)).toBe(finite.reduce((x, y) => Math.max(x, y), -Infinity));
        expect(columns.flags.subarray(0, columns.length).reduce((x, y) => x | y, 0)).toBe(inside.reduce((x, y) => x | flagOf(y), 0));
        expect(columns.points.subarray(0, columns.length).reduce((x, y) => x + y, 0)).toBe(inside.length);
        expect(columns.length).toBeLessThanOrEqual(2 * count + 2);
      },
    ), { numRuns: 200 });
  });

  it('gives the same columns however the points arrived', () => {
    fc.assert(fc.property(fc.array(value, { minLength: 300, maxLength: 900, size: 'max' }), fc.integer({ min: 1, max: 250 }), (values, chunk) => {
      const grown = new Curve();
      const whole = curveOf(values.map((y, x) => [x, y] as const));
      for (let i = 0; i < values.length; i++) {
        grown.append(i, values[i]);
        if (i % chunk === 0) grown.columns(0, i, 10);
      }
      const at = (curve: Curve) => {
        const { length, min, max, first, last, flags, mean } = curve.columns(0, values.length, 20);
        return [min, max, first, last, flags, mean].map((array) => [...array.subarray(0, length)]);
      };
      expect(at(grown)).toEqual(at(whole));
    }), { numRuns: 50 });
  });

  it('means, firsts and lasts of a column are those of its finite points', () => {
    const curve = curveOf(Array.from({ length: 1_000 }, (_, x) => [x, x % 100 === 0 ? NaN : x] as const));
    const { x, mean, first, last, flags, length } = curve.columns(0, 1_000, 10);
    expect(length).toBe(10);
    expect([...x.subarray(0, 2)]).toEqual([0, 100]);
    expect([first[0], last[0], mean[0]]).toEqual([1, 99, 50]);
    expect([...flags.subarray(0, length)]).toEqual(Array(10).fill(hasNaN));
  });

  it('tells NaN and both infinities apart', () => {
    expect([NaN, Infinity, -Infinity, 0, 1e308].map(flagOf)).toEqual([hasNaN, hasPositiveInfinity, hasNegativeInfinity, 0, 0]);
  });

  it('finds the nearest point', () => {
    const curve = curveOf([[0, 1], [10, 2], [20, 3]]);
    expect([-5, 4, 6, 14, 99].map((x) => curve.nearest(x))).toEqual([0, 0, 1, 1, 2]);
    expect(new Curve().nearest(3)).toBe(-1);
  });

  it('says when something other than its end changed', () => {
    const curve = curveOf([[0, 1], [5, 2]]);
    const before = curve.revision;
    curve.append(6, 3);
    expect(curve.revision).toBe(before);
    curve.append(2, 9);
    expect(curve.revision).toBeGreaterThan(before);
  });

  it('starts over when it is cleared', () => {
    const curve = curveOf(Array.from({ length: 500 }, (_, x) => [x, 9] as const));
    curve.columns(0, 500, 10);
    curve.clear();
    expect([curve.length, curve.columns(0, 500, 10).length]).toEqual([0, 0]);
    for (let x = 0; x < 400; x++) curve.append(x, 1);
    expect(curve.columns(0, 400, 10).max.subarray(0, 10).every((y) => y === 1)).toBe(true);
  });
});
