import type { RunInfo } from '@gradstream/protocol';
import fc from 'fast-check';
import { metricColumns, sliceOf } from './columns.model.ts';

const run = (...metrics: string[]) => ({ summary: Object.fromEntries(metrics.map((metric) => [metric, {}])) }) as unknown as RunInfo;

describe('metricColumns', () => {
  it('are what people compare first, then what at least half of the runs have', () => {
    expect(metricColumns([run('b', 'train/loss'), run('a', 'b', 'validation/accuracy'), run('a', 'b'), run('c')], 3)).toEqual(['validation/accuracy', 'train/loss', 'b']);
  });
});

describe('sliceOf', () => {
  it('covers what is in sight and keeps the height of the whole', () => {
    fc.assert(fc.property(fc.nat(10_000), fc.nat(400_000), fc.integer({ min: 1, max: 2_000 }), (count, scrollTop, height) => {
      const { from, to, above, below } = sliceOf(count, 36, scrollTop, height);
      expect(above + (to - from) * 36 + below).toBe(count * 36);
      for (let row = Math.floor(scrollTop / 36); row < Math.min(count, Math.ceil((scrollTop + height) / 36)); row++) {
        expect(row).toBeGreaterThanOrEqual(from);
        expect(row).toBeLessThan(to);
      }
      expect(to - from).toBeLessThanOrEqual(height / 36 + 20);
    }));
  });
});
