import fc from 'fast-check';
import { Curve } from './curve.ts';
import { Smoothed } from './smoothing.ts';

describe('Smoothed', () => {
  it('of a constant is that constant from the first point on', () => {
    const source = new Curve();
    for (let x = 0; x < 50; x++) source.append(x, 3);
    for (const y of new Smoothed(source, 0.95).curve.y) expect(y).toBeCloseTo(3, 12);
  });

  it('is the weighted mean of the finite values so far, and passes the others through', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.constantFrom(NaN, Infinity)), { maxLength: 40 }), fc.double({ min: 0, max: 0.99, noNaN: true }), (values, weight) => {
      const source = new Curve();
      const smoothed = new Smoothed(source, weight);
      values.forEach((y, x) => {
        source.append(x, y);
        const shown = smoothed.curve.y[x];
        if (!Number.isFinite(y)) return expect(shown).toBe(y);
        const finite = values.slice(0, x + 1).filter(Number.isFinite).reverse();
        const weights = finite.map((_, age) => weight ** age);
        const expected = finite.reduce((sum, v, age) => sum + v * weights[age], 0) / weights.reduce((a, b) => a + b, 0);
        return expect(shown).toBeCloseTo(expected, 6);
      });
    }));
  });

  it('starts over when an earlier point changes', () => {
    const source = new Curve();
    const smoothed = new Smoothed(source, 0.5);
    source.append(0, 1);
    source.append(10, 1);
    expect([...smoothed.curve.y]).toEqual([1, 1]);
    source.append(5, 4);
    expect(smoothed.curve.length).toBe(3);
    expect(smoothed.curve.y[1]).toBeGreaterThan(2);
  });
});
