import fc from 'fast-check';
import { buttonsOf, dialsOf, positionOf, valueAt } from './steer.model.ts';

describe('dials', () => {
  it('move by factors where the bounds lie far apart, also down to 0', () => {
    expect(dialsOf({ set: { learningRate: { min: 0, max: 1 }, dropout: { min: 0.1, max: 0.9 }, shift: { min: -1, max: 1 } } })).toEqual([
      { path: 'learningRate', min: 1e-6, max: 1, log: true }, { path: 'dropout', min: 0.1, max: 0.9, log: false }, { path: 'shift', min: -1, max: 1, log: false },
    ]);
  });

  it('give values within their bounds, and find them again', () => {
    fc.assert(fc.property(fc.constantFrom({ min: 0, max: 1 }, { min: 1e-5, max: 3 }, { min: -2, max: 2 }), fc.double({ min: 0, max: 1, noNaN: true }), (bounds, position) => {
      const [dial] = dialsOf({ set: { x: bounds } });
      const value = valueAt(dial, position);
      expect(value).toBeGreaterThanOrEqual(bounds.min);
      expect(value).toBeLessThanOrEqual(bounds.max);
      expect(positionOf(dial, value)).toBeCloseTo(position, 2);
    }));
  });
});

describe('buttons', () => {
  it('are those that the run takes, and only one of pause and resume', () => {
    expect(buttonsOf(['stop', 'pause', 'resume'], false)).toEqual(['pause', 'stop']);
    expect(buttonsOf(['stop', 'pause', 'resume', 'step'], true)).toEqual(['resume', 'step', 'stop']);
  });
});
