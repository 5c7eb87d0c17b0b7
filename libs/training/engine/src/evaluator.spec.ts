import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { key, type Weights } from '@gradstream/numerics';
import { build, initialize, mlp } from '@gradstream/models';
import { useBackend } from './backend.ts';
import { recomputeNorms } from './evaluator.ts';
import { predict } from './predict.ts';

beforeAll(() => useBackend({ backend: 'cpu' }));

const model = build(mlp({ hidden: [3], batchNorm: true }), [2], 2);
const weights: Weights = initialize(model, key(1));
const batches = [[1, 2, 3, 4, 5, 6], [0, 1, 1, 0, 2, 2]].map((inputs) => ({ inputs: Float32Array.from(inputs), inputShape: [3, 2] }));

test('running statistics become the mean over the batches of what each batch shows', () => {
  const before = tf.memory().numTensors;
  const fresh = recomputeNorms(model, weights, batches, key(2));
  expect(tf.memory().numTensors).toBe(before);
  const kernel = model.params.find(({ role }) => role === 'kernel')!;
  const name = model.params.find(({ name }) => name.endsWith('/mean'))!.name;
  const { values } = weights.get(kernel.name)!;
  const bias = weights.get(kernel.name.replace('kernel', 'bias'))?.values ?? new Float32Array(3);
  for (let unit = 0; unit < 3; unit++) {
    const statistics = batches.map(({ inputs }) => {
      const outputs = [0, 1, 2].map((row) => inputs[2 * row] * values[unit] + inputs[2 * row + 1] * values[3 + unit] + bias[unit]);
      const mean = outputs.reduce((a, b) => a + b) / 3;
      return { mean, variance: outputs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 2 };
    });
    expect(fresh.get(name)!.values[unit]).toBeCloseTo((statistics[0].mean + statistics[1].mean) / 2, 5);
    expect(fresh.get(name.replace('mean', 'variance'))!.values[unit]).toBeCloseTo((statistics[0].variance + statistics[1].variance) / 2, 4);
  }
  expect(fresh.get(kernel.name)).toBe(weights.get(kernel.name));
  expect(predict(model, fresh, batches[0])).not.toEqual(predict(model, weights, batches[0]));
});

test('a model without batch normalization keeps its weights as they are', () => {
  const plain = build(mlp({ hidden: [3] }), [2], 2);
  const own = initialize(plain, key(1));
  expect(recomputeNorms(plain, own, batches, key(2))).toBe(own);
});
