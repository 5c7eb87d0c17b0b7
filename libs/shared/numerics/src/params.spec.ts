import { createHash } from 'node:crypto';
import { InputError } from './errors.ts';
import { checkFits, copyWeights, weightsSha256 } from './params.ts';

const weights = new Map([
  ['b/kernel', { shape: [1, 2], values: new Float32Array([1, -0]) }],
  ['a/bias', { shape: [1], values: new Float32Array([0.5]) }],
]);

test('weightsSha256 is the digest of name, shape and little-endian float32 values, sorted by name', () => {
  const hash = createHash('sha256');
  hash.update('a/bias\n1\n').update(Buffer.from(new Float32Array([0.5]).buffer));
  hash.update('b/kernel\n1,2\n').update(Buffer.from(new Float32Array([1, -0]).buffer));
  expect(weightsSha256(weights)).toBe(hash.digest('hex'));
});

test('a copy does not change with its origin', () => {
  const copy = copyWeights(weights);
  weights.get('a/bias')!.values[0] = 9;
  expect(copy.get('a/bias')!.values[0]).toBe(0.5);
});

test('checkFits names every difference', () => {
  const expected = [{ name: 'a/bias', shape: [2] }, { name: 'c', shape: [] }];
  expect(() => checkFits('restore', expected, weights)).toThrow(new InputError("restore: 'a/bias' has shape [1] where [2] is expected; 'c' is missing; 'b/kernel' is unknown"));
});
