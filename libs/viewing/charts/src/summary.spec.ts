import fc from 'fast-check';
import { Curve } from './curve.ts';
import { Summariser, summarise } from './summary.ts';

const curve = (...values: number[]) => ({ x: Float64Array.from(values, (_, i) => i * 10), y: Float64Array.from(values) });

describe('summarise', () => {
  it('says where a curve began, ended, and was least and greatest', () => {
    expect(summarise(curve(2, 3, NaN, 0.5, 1, Infinity))).toEqual({
      points: 6, nan: 1, infinite: 1, first: { x: 0, y: 2 }, last: { x: 40, y: 1 }, min: { x: 30, y: 0.5 }, max: { x: 10, y: 3 }, trend: 'fell',
    });
  });

  it('names no value where there is none', () => {
    expect(summarise(curve(NaN, -Infinity))).toEqual({ points: 2, nan: 1, infinite: 1 });
    expect(summarise(curve())).toEqual({ points: 0, nan: 0, infinite: 0 });
  });

  it('tells the truth about any curve', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(NaN, Infinity, -Infinity)), { minLength: 1 }), (values) => {
      const said = summarise(curve(...values));
      const finite = values.filter(Number.isFinite);
      expect(said.nan).toBe(values.filter(Number.isNaN).length);
      expect(said.nan + said.infinite + finite.length).toBe(values.length);
      if (finite.length === 0) return;
      expect([said.first!.y, said.last!.y, said.min!.y, said.max!.y]).toEqual([finite[0], finite.at(-1), finite.reduce((a, b) => (b < a ? b : a)), finite.reduce((a, b) => (b > a ? b : a))]);
      if (said.trend === 'fell') expect(said.last!.y).toBeLessThan(said.first!.y);
      if (said.trend === 'rose') expect(said.last!.y).toBeGreaterThan(said.first!.y);
    }));
  });
});

describe('Summariser', () => {
  it('says at any time what reading the whole curve would say, also after points that came late', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(40), fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom(NaN, Infinity)))), (points) => {
      const curve = new Curve();
      const summariser = new Summariser(curve);
      for (const [x, y] of points) {
        curve.append(x, y);
        expect(summariser.read()).toEqual(summarise(curve));
      }
    }));
  });
});
