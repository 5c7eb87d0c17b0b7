import { key, type Examples } from '@gradstream/numerics';
import { randomFlip } from './flip.ts';

const examples: Examples<'classes'> = {
  size: 2, inputShape: [2, 2, 2, 2], inputs: Float32Array.from({ length: 16 }, (_, i) => i),
  targets: { kind: 'classes', width: 2, shape: [2], values: Int32Array.of(0, 1) },
};

it('mirrors the flagged examples left to right, channels kept together', () => {
  expect([...randomFlip().apply(examples, [true, undefined]).inputs]).toEqual([2, 3, 0, 1, 6, 7, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15]);
});

it('mirrors top to bottom on request', () => {
  expect([...randomFlip({ axis: 'vertical' }).apply(examples, [undefined, true]).inputs]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15, 8, 9, 10, 11]);
});

it('flips the asked share of the examples', () => {
  const flips = randomFlip({ probability: 0.25 }).sample(key(1), [20_000, 2, 2, 1]);
  expect(flips.filter(Boolean).length / 20_000).toBeCloseTo(0.25, 2);
  expect(randomFlip({ probability: 0 }).sample(key(1), [100, 2, 2, 1]).some(Boolean)).toBe(false);
  expect(randomFlip({ probability: 1 }).sample(key(1), [100, 2, 2, 1]).every(Boolean)).toBe(true);
});

it('refuses a probability above 1', () => {
  expect(() => randomFlip({ probability: 1.5 })).toThrow('randomFlip: probability must be in [0, 1], received 1.5');
});
