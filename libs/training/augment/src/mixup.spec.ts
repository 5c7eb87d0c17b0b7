import { key, type Examples } from '@gradstream/numerics';
import { mixup } from './mixup.ts';

const examples: Examples<'classes'> = {
  size: 2, inputShape: [2, 3], inputs: Float32Array.of(0, 1, 2, 10, 11, 12),
  targets: { kind: 'classes', width: 3, shape: [2], values: Int32Array.of(2, 0) },
};
const draw = { partner: Uint32Array.of(1, 0), lambda: Float64Array.of(0.75, 0.5) };

it('blends inputs and labels by the same shares', () => {
  const out = mixup().apply(examples, draw);
  expect([...out.inputs]).toEqual([2.5, 3.5, 4.5, 5, 6, 7]);
  expect(out.targets).toEqual({ kind: 'probabilities', width: 3, shape: [2, 3], values: Float32Array.of(0.25, 0, 0.75, 0.5, 0, 0.5) });
});

it('takes the partner that was drawn', () => {
  const three: Examples<'classes'> = { size: 3, inputShape: [3, 1], inputs: Float32Array.of(0, 10, 20), targets: { kind: 'classes', width: 3, shape: [3], values: Int32Array.of(0, 1, 2) } };
  const out = mixup().apply(three, { partner: Uint32Array.of(2, 0, 1), lambda: Float64Array.of(0.5, 0.5, 0.5) });
  expect([...out.inputs]).toEqual([10, 5, 15]);
  expect([...out.targets.values]).toEqual([0.5, 0, 0.5, 0.5, 0.5, 0, 0, 0.5, 0.5]);
});

it('rounds bytes to the nearest', () => {
  const bytes = { ...examples, inputs: Uint8Array.of(0, 1, 2, 255, 254, 3) };
  expect([...mixup().apply(bytes, draw).inputs]).toEqual([64, 64, 2, 128, 128, 3]);
});

it('mixes labels that are mixed already', () => {
  const twice = mixup().apply(mixup().apply(examples, draw), draw);
  expect([...twice.targets.values]).toEqual([0.3125, 0, 0.6875, 0.375, 0, 0.625]);
});

it.each([[0.2, 0.25 / 1.4], [1, 1 / 12], [0.4, 0.25 / 1.8]])('draws the share from Beta(%d, %d)', (alpha, variance) => {
  const { lambda } = mixup({ alpha, per: 'example' }).sample(key(2), [20_000, 1]);
  const mean = lambda.reduce((a, b) => a + b, 0) / 20_000;
  expect(mean).toBeCloseTo(0.5, 1.5);
  expect(lambda.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 20_000 / variance).toBeCloseTo(1, 1);
});

it('draws one share for a batch unless told otherwise, and pairs by a permutation', () => {
  const { lambda, partner } = mixup().sample(key(2), [100, 1]);
  expect(new Set(lambda).size).toBe(1);
  expect(new Set(partner).size).toBe(100);
});

it('refuses to mix numbers to predict', () => {
  const values = { ...examples, targets: { kind: 'values' as const, width: 1, shape: [2, 1], values: Float32Array.of(1, 2) } };
  expect(() => mixup().apply(values, draw)).toThrow('mixup: mixes one class or one row of probabilities per example, received values of shape [2,1]');
});
