import { adam, chain, clipByGlobalNorm, formulasOf, masked, muon, optimizers, sam, sgd, type Transformation } from './index.ts';

describe('formulasOf', () => {
  it('are written from the expressions that are executed', () => {
    expect(formulasOf(sgd({ learningRate: 0.1 }))).toEqual([{ name: 'scaleByLearningRate', lines: ['g ← −learningRate · g'] }]);
    const [moments, step] = formulasOf(adam({ learningRate: 0.1 }));
    expect(moments.lines.slice(0, 2)).toEqual(['m ← b1 · m + (1 − b1) · g', 'v ← b2 · v + (1 − b2) · g^2']);
    expect(moments.lines[2]).toContain('· m / (√(v)');
    expect(step.lines).toEqual(['g ← −learningRate · g']);
  });

  it('follow each other through chains, masks and wrappers; a link of reductions is named', () => {
    const names = (optimizer: Transformation) => formulasOf(optimizer).map(({ name }) => name);
    expect(names(chain(clipByGlobalNorm(1), sgd({ learningRate: 0.1 })))).toEqual(['clipByGlobalNorm', 'scaleByLearningRate']);
    expect(names(masked(sgd({ learningRate: 0.1 }), ({ role }) => role === 'kernel'))).toEqual(['scaleByLearningRate']);
    expect(names(sam({ inner: sgd({ learningRate: 0.1 }) }))).toEqual(['sam', 'scaleByLearningRate']);
    expect(formulasOf(muon({ learningRate: 0.1 })).some(({ name, lines }) => name === 'orthogonalize' && lines.length === 0)).toBe(true);
  });

  it.each(Object.keys(optimizers))('%s has one', (name) => {
    const make = optimizers[name] as unknown as { readonly required: readonly string[] } & ((options: object) => Transformation);
    const given = { learningRate: 0.1, inner: sgd({ learningRate: 0.1 }) };
    const formulas = formulasOf(make(Object.fromEntries(make.required.map((option) => [option, given[option as keyof typeof given]]))));
    expect(formulas.flatMap(({ lines }) => lines).length).toBeGreaterThan(0);
  });
});
