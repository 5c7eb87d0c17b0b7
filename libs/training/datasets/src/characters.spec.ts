import { characters } from './characters.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz';
const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

it('makes sequences and their successors', () => {
  const { train, info } = characters(alphabet, 'f', { length: 5, validation: 0, test: 0 });
  expect(info.targets).toMatchObject({ kind: 'classes', width: 26, names: [...alphabet] });
  expect(train).toMatchObject({ size: 5, inputShape: [5] });
  const { inputs, targets, inputShape } = train.gather([1, 4]);
  expect(inputShape).toEqual([2, 5]);
  expect(inputs).toEqual(Int32Array.of(5, 6, 7, 8, 9, 20, 21, 22, 23, 24));
  expect(targets).toEqual({ kind: 'classes', width: 26, shape: [2, 5], values: Int32Array.of(6, 7, 8, 9, 10, 21, 22, 23, 24, 25) });
});

it('lets training examples overlap on request', () => {
  const { train } = characters(alphabet, 'f', { length: 5, stride: 1, validation: 0, test: 0 });
  expect(train.size).toBe(21);
  expect(train.gather([20]).targets.values.at(-1)).toBe(25);
});

it('cuts the parts from the text in order, with nothing in two of them', () => {
  const { train, validation, test } = characters(alphabet.repeat(4), 'f', { length: 4, validation: 0.25, test: 26 });
  const seen = (split: typeof train): number => split.size;
  expect([seen(train), seen(validation!), seen(test!)]).toEqual([12, 6, 6]);
  expect(validation!.gather([0]).inputs).toEqual(Int32Array.of(0, 1, 2, 3));
  expect([train.role, validation!.role, test!.role]).toEqual(['train', 'validation', 'test']);
  test!.gather(all(6));
  expect(test!.looks).toBe(1);
});

it('counts code points, not halves of them', () => {
  const { train } = characters('a😀b😀a😀', 'f', { length: 2, validation: 0, test: 0 });
  expect(train.targets.names).toEqual(['a', 'b', '😀']);
  expect(train.gather([0, 1]).inputs).toEqual(Int32Array.of(0, 2, 1, 2));
});

it('says which part is too short', () => {
  expect(() => characters(alphabet, 'f', { length: 26 })).toThrow('f: the train part has 24 characters, too few for one example of 26 and its successor');
  expect(() => characters(alphabet, 'f', { length: 10, validation: 5, test: 0 })).toThrow('f: the validation part has 5 characters');
  expect(() => characters('', 'f')).toThrow('f: the train part has 0 characters');
});
