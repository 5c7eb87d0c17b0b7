import { formulasIn } from './optimizer-formula.ts';

describe('formulasIn', () => {
  it('are those of every link of a document', () => {
    const formulas = formulasIn([{ name: 'clipByGlobalNorm', maxNorm: 1 }, { name: 'adamw', learningRate: { name: 'warmupCosine', peak: 3e-3, warmupSteps: 40, totalSteps: 1_140 } }]);
    expect(formulas.map(({ name }) => name)).toEqual(['clipByGlobalNorm', 'scaleByAdam', 'addDecayedWeights', 'scaleByLearningRate']);
    expect(formulas[1].lines[0]).toBe('m ← b1 · m + (1 − b1) · g');
  });

  it('are the same for a stream of learning rates', () => {
    expect(formulasIn({ name: 'sgd', learningRate: { opaque: 'observable' } })).toEqual(formulasIn({ name: 'sgd', learningRate: 0.1 }));
  });

  it('are not there for what is unknown, with a sentence', () => expect(() => formulasIn({ name: 'adamm', learningRate: 0.1 })).toThrow(/adam/));
});
