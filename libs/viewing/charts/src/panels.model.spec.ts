import fc from 'fast-check';
import { isBeside, panelsOf, parseMetric } from './panels.model.ts';

const run = ['gradientNorm', 'train/loss', 'train/lossMean', 'validation/loss', 'validation/accuracy', 'learningRate', 'zeta', 'layer1/weights', 'layer2/weights', 'train/accuracy', 'test/accuracy'];

describe('panelsOf', () => {
  it('puts the splits of a measure in one panel, what everybody looks for first, and other prefixes in sections', () => {
    expect(panelsOf(run).map(({ title, panels }) => [title, panels.map(({ measure, metrics }) => [measure, ...metrics.map(({ name }) => name)])])).toEqual([
      ['', [
        ['loss', 'train/loss', 'train/lossMean', 'validation/loss'],
        ['accuracy', 'train/accuracy', 'validation/accuracy', 'test/accuracy'],
        ['learningRate', 'learningRate'],
        ['gradientNorm', 'gradientNorm'],
        ['zeta', 'zeta'],
      ]],
      ['layer1', [['layer1/weights', 'layer1/weights']]],
      ['layer2', [['layer2/weights', 'layer2/weights']]],
    ]);
  });

  it('does not depend on the order in which metrics appear, and loses none', () => {
    fc.assert(fc.property(fc.shuffledSubarray(run), (names) => {
      const panels = panelsOf(names);
      expect(panels).toEqual(panelsOf([...names].sort()));
      expect(panels.flatMap((section) => section.panels.flatMap(({ metrics }) => metrics.map(({ name }) => name))).sort()).toEqual([...names].sort());
    }));
  });

  it('takes any name', () => {
    fc.assert(fc.property(fc.array(fc.string()), (names) => {
      expect(panelsOf(names).flatMap((section) => section.panels.flatMap(({ metrics }) => metrics)).length).toBe(new Set(names).size);
    }));
  });
});

describe('parseMetric', () => {
  it('knows the splits and nothing else as a split', () => {
    expect(parseMetric('validation/accuracy')).toEqual({ name: 'validation/accuracy', split: 'validation', measure: 'accuracy' });
    expect(parseMetric('layer1/norm')).toEqual({ name: 'layer1/norm', measure: 'layer1/norm' });
    expect(isBeside(parseMetric('train/lossMean'))).toBe(true);
  });
});
