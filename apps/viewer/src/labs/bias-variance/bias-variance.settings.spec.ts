import fc from 'fast-check';
import { bounds, formatMoved, parseBiasVariance } from './bias-variance.settings.ts';
import { capacitiesFor, inputs } from './population.model.ts';

describe('the lab of bias and variance', () => {
  it('is read from an address', () => {
    const { population, capacity, at, scale } = parseBiasVariance({ truth: 'step', family: 'randomFeatures', points: '12', noise: '0.1', models: '30', seed: '4', capacity: '40', at: '0.1,0.9', moved: '3:0.42:1.2,2:0.9:0', scale: 'log' });
    expect(population).toEqual({ truth: 'step', family: 'randomFeatures', points: 12, noise: 0.1, models: 30, seed: 4, moved: [{ index: 3, x: 0.42, offset: 1.2 }, { index: 2, x: 0.9, offset: 0 }] });
    expect(capacitiesFor(12)).toContain(capacity);
    expect(at.map((place) => Number(inputs[place].toFixed(2)))).toEqual([0.1, 0.9]);
    expect(scale).toBe('log');
    expect(formatMoved(population.moved)).toBe('3:0.42:1.2,2:0.9:0');
  });

  it('falls back on defaults', () => {
    expect(parseBiasVariance({ truth: 'x', points: '1e9', noise: '-1', models: 'many', capacity: '0', at: '7', moved: 'a:b,99:0:0,1::2' })).toEqual(parseBiasVariance({}));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('points', 'noise', 'models', 'seed', 'capacity', 'at', 'moved', 'scale'), fc.string()), (given) => {
      const { population: { points, models }, capacity } = parseBiasVariance(given);
      expect(points >= bounds.points[0] && models <= bounds.models[1] && capacitiesFor(points).includes(capacity)).toBe(true);
    }));
  });
});
