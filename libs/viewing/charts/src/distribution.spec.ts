import fc from 'fast-check';
import { barsOf, cellsOf, distributionAt, DistributionSeries, quantileOf, spreadOf } from './distribution.model.ts';

const distribution = fc.record({
  step: fc.nat(1_000),
  counts: fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }),
  low: fc.integer({ min: -50, max: 50 }),
}).map(({ step, counts, low }) => ({ step, counts, edges: Array.from({ length: counts.length + 1 }, (_, i) => low + i / 4) }));

describe('a series of distributions', () => {
  it('is in order of steps whatever order they came in, the later of two at a step', () => {
    fc.assert(fc.property(fc.array(distribution, { maxLength: 30 }), (given) => {
      const series = new DistributionSeries();
      given.forEach((each) => series.add(each));
      const last = new Map(given.map((each) => [each.step, each]));
      expect(series.all).toEqual([...last.values()].sort((a, b) => a.step - b.step));
    }));
  });

  it('answers a step with the last one before it', () => {
    const all = [0, 10, 20].map((step) => ({ step, edges: [0, 1], counts: [1] }));
    expect([-5, 0, 9, 10, 99, undefined].map((step) => distributionAt(all, step)?.step)).toEqual([0, 0, 0, 10, 20, 20]);
    expect(distributionAt([], 3)).toBeUndefined();
  });
});

describe('quantileOf', () => {
  it('cuts bins evenly', () => {
    const flat = { step: 0, edges: [0, 1, 2, 3, 4], counts: [5, 5, 5, 5] };
    expect([0, 0.25, 0.5, 0.9, 1].map((q) => quantileOf(flat, q))).toEqual([0, 1, 2, 3.6, 4]);
    expect(quantileOf({ step: 0, edges: [0, 1], counts: [0] }, 0.5)).toBeNaN();
  });

  it('rises with its share and stays within the edges', () => {
    fc.assert(fc.property(distribution, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (each, a, b) => {
      fc.pre(each.counts.some((count) => count > 0));
      const [low, high] = [quantileOf(each, Math.min(a, b)), quantileOf(each, Math.max(a, b))];
      expect(low).toBeLessThanOrEqual(high);
      expect(low).toBeGreaterThanOrEqual(each.edges[0]);
      expect(high).toBeLessThanOrEqual(each.edges.at(-1)!);
    }));
  });
});

describe('the picture', () => {
  const box = { left: 0, top: 0, width: 100, height: 40 };
  const all = [{ step: 0, edges: [0, 1, 2], counts: [1, 4] }, { step: 10, edges: [0, 2, 4], counts: [2, 0] }];

  it('gives each step its place and each bin its darkness', () => {
    expect(spreadOf(all)).toEqual([0, 4]);
    expect(cellsOf(all, [-5, 15], [0, 4], box)).toEqual([
      { x: 0, y: 30, width: 50, height: 10, alpha: 0.5 },
      { x: 0, y: 20, width: 50, height: 10, alpha: 1 },
      { x: 50, y: 20, width: 50, height: 20, alpha: 1 },
    ]);
    expect(barsOf(all[0], [0, 4], box).map(({ width }) => width)).toEqual([25, 100]);
  });

  it('never leaves its box', () => {
    fc.assert(fc.property(fc.array(distribution, { minLength: 1, maxLength: 8 }), (given) => {
      const series = new DistributionSeries();
      given.forEach((each) => series.add(each));
      for (const { x, y, width, height } of cellsOf(series.all, [100, 600], spreadOf(series.all), box)) {
        expect(Math.min(x, y)).toBeGreaterThan(-1e-9);
        expect(x + width).toBeLessThanOrEqual(100 + 1e-9);
        expect(y + height).toBeLessThanOrEqual(40 + 1e-9);
      }
    }));
  });
});
