import fc from 'fast-check';
import { scaleOf } from './coordinates.model.ts';

describe('an axis of parallel coordinates', () => {
  it('is linear, logarithmic or of words, as the values are', () => {
    expect(scaleOf({ values: [1, 2, 3] }).kind).toBe('linear');
    expect(scaleOf({ values: [1e-4, undefined, 0.1] }).kind).toBe('log');
    expect(scaleOf({ values: [0, 1e-4, 0.1] }).kind).toBe('linear');
    expect(scaleOf({ values: ['adam', 'sgd'] }).kind).toBe('words');
    expect(scaleOf({ values: ['adam', 3] }).kind).toBe('words');
    expect(scaleOf({ values: [undefined] }).ticks).toEqual([]);
  });

  it('places the ends at its foot and head, factors evenly, and a constant in the middle', () => {
    const log = scaleOf({ values: [1e-4, 1e-2, 1] });
    expect([1e-4, 1e-2, 1].map((value) => log.place(value))).toEqual([0, 0.5, 1]);
    expect(scaleOf({ values: [7, 7] }).place(7)).toBe(0.5);
    expect([undefined, NaN, Infinity, 'x'].map((value) => log.place(value))).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('gives back with a brush what it placed there', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, a, b) => {
      const scale = scaleOf({ values });
      const brushed = scale.between(a, b);
      if (!('from' in brushed)) throw new Error('numbers are brushed by bounds');
      const slack = 1e-9 * (Math.abs(brushed.from) + Math.abs(brushed.to) + 1);
      for (const value of values) {
        const place = scale.place(value)!;
        if (place > Math.min(a, b) && place < Math.max(a, b)) {
          expect(value).toBeGreaterThanOrEqual(brushed.from - slack);
          expect(value).toBeLessThanOrEqual(brushed.to + slack);
        }
      }
    }));
    expect(scaleOf({ values: ['b', 'a', 'c'] }).between(0.1, 1)).toEqual({ words: ['b', 'c'] });
  });
});
