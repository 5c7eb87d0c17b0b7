import { Curve } from './curve.ts';
import { extremes, padded, zoomed } from './range.ts';

const columns = (...values: number[]) => {
  const curve = new Curve();
  values.forEach((y, x) => curve.append(x, y));
  return [curve.columns(0, values.length, 10)];
};

describe('extremes', () => {
  it('leaves out what is not finite, and what a logarithm cannot show', () => {
    expect(extremes(columns(1, NaN, Infinity, -2))).toEqual([-2, 1]);
    expect(extremes(columns(0.1, 0, -3, 4), true)).toEqual([0.1, 4]);
    expect(extremes(columns(NaN))).toBeUndefined();
    expect(extremes(columns(-1), true)).toBeUndefined();
  });
});

describe('padded', () => {
  it('leaves room on both sides, none below zero for values that are never negative', () => {
    expect(padded([10, 20])).toEqual([9.4, 20.6]);
    expect(padded([0.01, 1])[0]).toBe(0);
    expect(padded([-1, 1])[0]).toBeLessThan(-1);
  });

  it('shows at most twenty decades of a logarithm: an axis down to the smallest number would never be done with its ticks', () => {
    expect(padded([5e-324, 10], true)[0]).toBeGreaterThan(1e-21);
    expect(padded([5e-324, 1e-310], true)[0]).toBeGreaterThan(1e-102);
    expect(padded([1e-10, 10], true)[0]).toBeGreaterThan(1e-11);
  });

  it('gives a flat line and an empty chart a range', () => {
    for (const range of [padded([3, 3]), padded([0, 0]), padded(undefined), padded([1, 1], true), padded(undefined, true)]) expect(range[0]).toBeLessThan(range[1]);
  });
});

describe('zoomed', () => {
  it('keeps the point under the hand in its place', () => {
    expect(zoomed([0, 100], 0.5, 20)).toEqual([10, 60]);
    expect(zoomed([10, 60], 2, 20)).toEqual([0, 100]);
  });
});
