import { buildParts } from '@gradstream/pipeline';
import fc from 'fast-check';
import { armNames, armOf, arms } from './arms.ts';
import { parseRegularization, specOf } from './regularization.settings.ts';

describe('the lab of regularization', () => {
  it('is read from an address', () => {
    const { chosen, ...settings } = parseRegularization({ data: 'spirals', noise: '0.1', points: '100', epochs: '50', width: '16', seed: '3', backend: 'cpu', arms: 'dropout,none', dropout: '0.5' });
    expect(settings).toEqual({ data: 'spirals', noise: 0.1, points: 100, epochs: 50, width: 16, seed: 3, backend: 'cpu' });
    expect(chosen).toEqual([{ name: 'none', place: 0 }, { name: 'dropout', place: 0.5 }]);
  });

  it('falls back on defaults', () => {
    expect(parseRegularization({ data: 'x', noise: '9', points: '1', epochs: 'all', dropout: '2', l2: '3' })).toEqual(parseRegularization({}));
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('points', 'epochs', 'arms', 'l2', 'mixup'), fc.string()), (given) => expect(parseRegularization(given).chosen.length).toBeLessThanOrEqual(armNames.length)));
  });

  it('makes a run document of every arm at both ends of its slider', () => {
    const settings = parseRegularization({});
    for (const arm of arms.map(({ name }) => armOf(name))) {
      for (const place of arm.strength ? [arm.strength.least, arm.strength.greatest] : [0]) expect(buildParts(specOf(settings, arm, place), arm.name).model.name).toBe('mlp');
    }
  });

  it('keeps apart what is often taken for the same', () => {
    const settings = parseRegularization({});
    const of = (name: Parameters<typeof armOf>[0], place: number) => specOf(settings, armOf(name), place);
    expect([of('l2', -2).regularizers, of('l2', -2).optimizer]).toEqual([[{ name: 'l2', amount: 0.01 }], { name: 'adam', learningRate: 0.01 }]);
    expect([of('weightDecay', 0).regularizers, of('weightDecay', 0).optimizer]).toEqual([undefined, { name: 'adamw', learningRate: 0.01, weightDecay: 1 }]);
    expect([of('labelSmoothing', 0.1).augment, of('mixup', 0.4).loss]).toEqual([undefined, { name: 'softmaxCrossEntropy' }]);
  });
});
