import { packCurve } from './pack-curve.ts';

describe('packCurve', () => {
  it('keeps every column, NaN and infinities among them, over one buffer', () => {
    const columns = { step0: [0, 3], step1: [2, 3], wall0: [10, 40], wall1: [30, 40], count: [3, 1], nan: [1, 1], min: [-Infinity, NaN], max: [2, NaN], mean: [-Infinity, NaN], first: [1, NaN], last: [2, NaN] };
    const { run, metric, ...packed } = packCurve({ run: 'r', metric: 'loss', ...columns });
    expect([run, metric, Object.fromEntries(Object.entries(packed).map(([name, column]) => [name, [...column]]))]).toEqual(['r', 'loss', columns]);
    expect(new Set(Object.values(packed).map(({ buffer }) => buffer)).size).toBe(1);
  });
});
