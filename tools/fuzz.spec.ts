import { InputError } from '@gradstream/numerics';
import { formats, type Format } from './fuzz/formats.ts';
import { fuzz } from './fuzz/run.ts';

/** `npm run fuzz` reads ten thousand of each. */
const FILES = 150;

test.each(formats.map((format) => [format.name, format] as const))('any broken %s is read right or refused in a sentence that names the file', (_, format) => {
  const { refused, faults } = fuzz(format, FILES);
  expect(faults).toEqual([]);
  expect(refused).toBeGreaterThan(FILES / 20);
}, 60_000);

test.each<[string, Format['read'], RegExp]>([
  ['a crash', () => { throw new TypeError('x of undefined'); }, /^no sentence: TypeError: x of undefined/],
  ['a sentence without its file', () => { throw new InputError('something is wrong'); }, /^not a sentence about the file: something is wrong$/],
  ['a wrong answer', () => false, /^a wrong answer$/],
])('%s counts as a fault', (_, read, fault) => {
  const whole = Uint8Array.of(1);
  const { faults } = fuzz({ name: 'made up', whole, break: () => Uint8Array.of(2), read: (bytes) => bytes === whole || read(bytes) }, 1);
  expect(faults).toEqual([{ file: 0, fault: expect.stringMatching(fault) as string }]);
});
