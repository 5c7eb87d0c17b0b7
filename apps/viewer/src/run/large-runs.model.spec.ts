import fc from 'fast-check';
import { largeRuns, pointsInFull } from './large-runs.model.ts';

const self = (points: number) => points;

describe('largeRuns', () => {
  it('are those that do not fit beside the smaller ones', () => {
    expect(largeRuns([pointsInFull - 3, 3], self)).toEqual([]);
    expect(largeRuns([pointsInFull + 1], self)).toEqual([pointsInFull + 1]);
    expect(largeRuns([400_000, 90_000, 1_000_000, 5], self)).toEqual([1_000_000]);
    expect(largeRuns([300_000, 300_001], self)).toEqual([300_001]);
  });

  it('never are small ones, however many there are', () => {
    expect(largeRuns(Array<number>(400).fill(20_000), self)).toEqual([]);
  });

  it('leave no more than the page holds, small runs aside', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 20_001, max: 900_000 }), { maxLength: 30 }), (sizes) => {
      const large = largeRuns(sizes, self);
      const total = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
      expect(total(sizes) - total(large)).toBeLessThanOrEqual(pointsInFull);
    }));
  });
});
