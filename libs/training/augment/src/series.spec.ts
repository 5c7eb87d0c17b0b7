import { key, type Examples } from '@gradstream/numerics';
import { featureDropout, jitter, timeMask } from './series.ts';

const series = (size: number, steps: number, channels: number): Examples<'values'> => ({
  size, inputShape: [size, steps, channels], inputs: new Float32Array(size * steps * channels).fill(-2),
  targets: { kind: 'values', width: 1, shape: [size, 1], values: new Float32Array(size) },
});

it('jitter adds noise of the asked deviation, beyond any black or white', () => {
  const given = series(100, 50, 2);
  const out = Array.from(jitter({ deviation: 0.5 }).apply(given, jitter().sample(key(1), given.inputShape)).inputs);
  const mean = out.reduce((a, b) => a + b, 0) / out.length;
  expect(mean).toBeCloseTo(-2, 1);
  expect(Math.sqrt(out.reduce((sum, v) => sum + (v - mean) ** 2, 0) / out.length)).toBeCloseTo(0.5, 1.5);
});

it('featureDropout sets the asked share to 0 and scales nothing', () => {
  const given = series(100, 50, 2);
  const drop = featureDropout({ rate: 0.3 });
  const out = drop.apply(given, drop.sample(key(1), given.inputShape)).inputs;
  expect(new Set(out)).toEqual(new Set([0, -2]));
  expect(out.filter((v) => v === 0).length / out.length).toBeCloseTo(0.3, 1.5);
});

it('timeMask sets whole steps to 0, no more of them than asked', () => {
  const given = series(400, 20, 3);
  const mask = timeMask({ count: 2, width: 4 });
  const out = mask.apply(given, mask.sample(key(1), given.inputShape)).inputs;
  const masked = Array.from({ length: 400 }, (_, n) => Array.from({ length: 20 }, (__, t) => [...out.subarray((n * 20 + t) * 3, (n * 20 + t + 1) * 3)]));
  expect(masked.flat().every((step) => step.every((v) => v === step[0]))).toBe(true);
  const counts = masked.map((steps) => steps.filter(([v]) => v === 0).length);
  expect(Math.max(...counts)).toBe(8);
  expect(Math.min(...counts)).toBe(0);
});

it('timeMask masks at most a whole series', () => {
  const given = series(10, 3, 1);
  const mask = timeMask({ width: 50 });
  expect(() => mask.apply(given, mask.sample(key(1), given.inputShape))).not.toThrow();
});
