import { differences, specLines, specPaths } from './spec.model.ts';

const spec = { version: 1, model: { name: 'mlp', hidden: [64, 32], dropout: 0.1 }, augment: ['flip', { name: 'mixup', alpha: 0.2 }], rate: { opaque: 'observable' }, note: 'x' };

describe('specLines', () => {
  it('shows parts by their name, short lists on a line, and what no document can hold', () => {
    expect(specLines(spec).map(({ depth, key, value, kind }) => `${'  '.repeat(depth)}${key}: ${value ?? ''} (${kind})`)).toEqual([
      'version: 1 (literal)',
      'model: mlp (text)', '  hidden: [64, 32] (literal)', '  dropout: 0.1 (literal)',
      'augment:  (group)', '  –: flip (text)', '  –: mixup (text)', '    alpha: 0.2 (literal)',
      'rate: observable (opaque)', 'note: x (text)',
    ]);
  });

  it('takes whatever a server sends', () => {
    for (const odd of [undefined, null, 3, 'text', [], {}]) expect(specLines(odd)).toEqual([]);
  });
});

describe('differences', () => {
  it('are the paths whose values are not all the same', () => {
    expect(differences([spec, { ...spec, model: { name: 'mlp', hidden: [64], dropout: 0.1 }, note: undefined }, spec])).toEqual([
      { path: 'model.hidden', values: ['[64,32]', '[64]', '[64,32]'] },
      { path: 'note', values: ['x', 'undefined', 'x'] },
    ]);
    expect(differences([spec, spec])).toEqual([]);
    expect(differences([{ a: 1 }, undefined])).toEqual([{ path: 'a', values: ['1', undefined] }]);
  });

  it('reach into lists', () => expect([...specPaths({ a: [{ b: 1 }, { b: 2 }] })]).toEqual([['a[0].b', '1'], ['a[1].b', '2']]));
});
