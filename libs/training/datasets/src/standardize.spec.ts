import { fromArrays } from './arrays.ts';
import { digits } from './digits.ts';
import { characters } from './characters.ts';
import { partition } from './partition.ts';
import { channelMoments, standardized } from './standardize.ts';
import type { Data } from './data.ts';

/** Four images of 1x2 pixels and two channels; the last two are held out. */
const photos = (): Data<'classes'> => {
  const all = fromArrays({ inputs: Uint8Array.from({ length: 60 * 4 }, (_, i) => (i % 2 === 0 ? (i * 7) % 256 : 100 + (i % 3))), inputShape: [1, 2, 2], classes: Array.from({ length: 60 }, (_, i) => i % 2) });
  return { ...partition(all, { validation: 10, test: 10 }), info: { name: 'photos', inputShape: [1, 2, 2], targets: all.targets, about: 'test' } };
};
const everything = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

it('gives each channel of the training part mean 0 and variance 1', () => {
  const { mean, deviation } = channelMoments(standardized(photos()).train);
  for (const m of mean) expect(m).toBeCloseTo(0, 6);
  for (const d of deviation) expect(d).toBeCloseTo(1, 6);
});

it('scales held-out examples by the training part, and reads no test example to do so', () => {
  const raw = photos();
  const data = standardized(raw);
  expect(data.test?.looks).toBe(0);
  const { mean, deviation } = channelMoments(raw.train);
  const before = raw.validation!.gather(everything(10)).inputs;
  data.validation!.gather(everything(10)).inputs.forEach((v, i) => expect(v).toBeCloseTo((before[i] / 255 - mean[i % 2]) / deviation[i % 2], 5));
  data.test!.gather([1]);
  expect([data.test?.looks, raw.test?.looks]).toEqual([1, 1]);
});

it('leaves targets, roles and constant channels alone', async () => {
  const data = standardized(await digits());
  expect(data.train.gather([5]).targets).toEqual((await digits()).train.gather([5]).targets);
  expect([data.train.role, data.validation?.role, data.test?.role]).toEqual(['train', 'validation', 'test']);
  const flat = fromArrays({ inputs: [[3], [3]], classes: [0, 1] });
  expect(channelMoments(flat)).toEqual({ mean: [3], deviation: [1] });
});

it('refuses tokens', () => {
  expect(() => standardized(characters('abcabcabc', 'f', { length: 2, validation: 0, test: 0 }))).toThrow('text: tokens have no mean; only bytes and numbers are standardised');
});
