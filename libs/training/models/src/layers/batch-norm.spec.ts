import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { key, normals } from '@gradstream/numerics';
import { apply, batchNorm, build, sequential, type BatchNormOptions } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const batches = [1, 2, 3].map((seed) => [...normals(key(seed), 10)].map((z) => 3 * z + seed));
const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]) => mean(x.map((each) => (each - mean(x)) ** 2));

/** Running statistics after the batches, and the last batch's outputs. */
function run(options: BatchNormOptions): { mean: number; variance: number; outputs: number[] } {
  return tf.tidy(() => {
    const built = build(sequential({ layers: [batchNorm({ ...options, as: 'n' })] }), [1], 1);
    const params: Record<string, tf.Tensor> = { 'n/gamma': tf.ones([1]), 'n/beta': tf.zeros([1]), 'n/mean': tf.zeros([1]), 'n/variance': tf.ones([1]), 'n/batches': tf.zeros([1]) };
    let outputs: number[] = [];
    for (const batch of batches) {
      const result = apply(built, params, tf.tensor2d(batch, [10, 1]), { training: true, key: key(0) });
      Object.assign(params, result.buffers);
      outputs = [...result.outputs.dataSync()];
    }
    return { mean: params['n/mean'].dataSync()[0], variance: params['n/variance'].dataSync()[0], outputs };
  });
}

it.each<[string, BatchNormOptions, (old: number, now: number) => number, number]>([
  ['torch', {}, (old, now) => 0.9 * old + 0.1 * now, 10 / 9],
  ['torch with a momentum', { momentum: 0.4 }, (old, now) => 0.6 * old + 0.4 * now, 10 / 9],
  ['keras', { convention: 'keras' }, (old, now) => 0.99 * old + 0.01 * now, 1],
  ['keras with a momentum', { convention: 'keras', momentum: 0.4 }, (old, now) => 0.4 * old + 0.6 * now, 1],
])('keeps running statistics as %s does', (_, options, next, correction) => {
  const result = run(options);
  expect(result.mean).toBeCloseTo(batches.reduce((old, batch) => next(old, mean(batch)), 0), 4);
  expect(result.variance).toBeCloseTo(batches.reduce((old, batch) => next(old, variance(batch) * correction), 1), 4);
});

it('cumulative statistics are plain means over the batches', () => {
  const result = run({ momentum: 'cumulative' });
  expect(result.mean).toBeCloseTo(mean(batches.map(mean)), 4);
  expect(result.variance).toBeCloseTo(mean(batches.map((batch) => (variance(batch) * 10) / 9)), 4);
});

it('standardizes a batch and keeps the shape of its distribution', () => {
  const { outputs } = run({});
  const last = batches.at(-1)!;
  const kurtosis = (x: readonly number[]) => mean(x.map((each) => (each - mean(x)) ** 4)) / variance(x) ** 2;
  expect(mean(outputs)).toBeCloseTo(0, 5);
  expect(variance(outputs)).toBeCloseTo(1, 3);
  expect(kurtosis(outputs)).toBeCloseTo(kurtosis(last), 3);
});
