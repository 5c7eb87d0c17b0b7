import { isComplete, key, specOf } from '@gradstream/numerics';
import { build, initialize, mlp, startFrom } from '../index.ts';

const model = mlp({ hidden: [3] });
const weights = initialize(build(model, [2], 2), key(1));

it('begins with the given weights and draws the others', () => {
  const part = new Map([...weights].filter(([name]) => name.startsWith('hidden1/')));
  const begun = initialize(build(startFrom(model, part), [2], 2), key(2));
  const drawn = initialize(build(model, [2], 2), key(2));
  expect(begun.get('hidden1/kernel')).toEqual(weights.get('hidden1/kernel'));
  expect(begun.get('output/kernel')).toEqual(drawn.get('output/kernel'));
  expect(begun.get('output/kernel')).not.toEqual(weights.get('output/kernel'));
});

it('is not changed by what happens to the weights later', () => {
  const mine = new Map([...weights].map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]));
  const built = build(startFrom(model, mine), [2], 2);
  mine.get('hidden1/kernel')!.values.fill(7);
  initialize(built, key(1)).get('hidden1/kernel')!.values.fill(8);
  expect(initialize(built, key(1)).get('hidden1/kernel')).toEqual(weights.get('hidden1/kernel'));
});

it('refuses weights of another model', () => {
  expect(() => build(startFrom(mlp({ hidden: [4] }), weights), [2], 2)).toThrow("mlp: weights to start from: 'hidden1/kernel' has shape [2,3] where [2,4] is expected");
  expect(() => build(startFrom(mlp({ hidden: [] }), weights), [2], 2)).toThrow("'hidden1/kernel' is unknown");
});

it('says in its description that no document can hold it', () => {
  expect(specOf(startFrom(model, weights))).toEqual({ name: 'mlp', hidden: [3], start: { opaque: 'weights' } });
  expect(isComplete(specOf(startFrom(model, weights)))).toBe(false);
});
