import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { meanSquaredError } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

it('is the mean of squares over all numbers, classes as one-hot rows', () => {
  tf.tidy(() => {
    const outputs = tf.tensor2d([[1, 2], [3, 5]]);
    expect(meanSquaredError().loss(outputs, { kind: 'values', width: 2, values: tf.tensor2d([[0, 2], [3, 1]]) }).dataSync()[0]).toBe((1 + 0 + 0 + 16) / 4);
    expect(meanSquaredError().loss(outputs, { kind: 'classes', width: 2, values: tf.tensor1d([0, 1], 'int32') }).dataSync()[0]).toBe((0 + 4 + 9 + 16) / 4);
  });
});

it('has the gradient 2 (output − target) / n', () => {
  tf.tidy(() => {
    const targets = { kind: 'values', width: 1, values: tf.tensor2d([[0], [0.5]]) } as const;
    expect([...tf.grad((x) => meanSquaredError().loss(x, targets))(tf.tensor2d([[1], [2]])).dataSync()]).toEqual([1, 1.5]);
  });
});

it('refuses targets of another width', () => {
  expect(() => tf.tidy(() => meanSquaredError().loss(tf.zeros([2, 1]), { kind: 'values', width: 2, values: tf.zeros([2, 2]) }))).toThrow('meanSquaredError: outputs [2,1] and targets [2,2] differ in shape');
});
