import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { huber, logCosh, meanAbsoluteError, meanSquaredError, smoothL1 } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

it('meanSquaredError is the mean of squares over all numbers, classes as one-hot rows', () => {
  tf.tidy(() => {
    const outputs = tf.tensor2d([[1, 2], [3, 5]]);
    expect(meanSquaredError().loss(outputs, { kind: 'values', width: 2, values: tf.tensor2d([[0, 2], [3, 1]]) }).dataSync()[0]).toBe((1 + 0 + 0 + 16) / 4);
    expect(meanSquaredError().loss(outputs, { kind: 'classes', width: 2, values: tf.tensor1d([0, 1], 'int32') }).dataSync()[0]).toBe((0 + 4 + 9 + 16) / 4);
  });
});

it('meanSquaredError has the gradient 2 (output − target) / n', () => {
  tf.tidy(() => {
    const targets = { kind: 'values', width: 1, values: tf.tensor2d([[0], [0.5]]) } as const;
    expect([...tf.grad((x) => meanSquaredError().loss(x, targets))(tf.tensor2d([[1], [2]])).dataSync()]).toEqual([1, 1.5]);
  });
});

it('refuses targets of another width', () => {
  expect(() => tf.tidy(() => meanSquaredError().loss(tf.zeros([2, 1]), { kind: 'values', width: 2, values: tf.zeros([2, 2]) }))).toThrow('meanSquaredError: outputs [2,1] and targets [2,2] differ in shape');
});

it.each([
  ['meanAbsoluteError', meanAbsoluteError(), (d: number) => Math.abs(d)],
  ['huber', huber({ delta: 0.5 }), (d: number) => (Math.abs(d) <= 0.5 ? d * d / 2 : 0.5 * (Math.abs(d) - 0.25))],
  ['smoothL1', smoothL1({ beta: 0.5 }), (d: number) => (Math.abs(d) <= 0.5 ? d * d : Math.abs(d) - 0.25)],
  ['logCosh', logCosh(), (d: number) => Math.log(Math.cosh(d))],
] as const)('%s is the mean of its formula', (_, objective, formula) => {
  const differences = [-3, -0.5, -0.2, 0, 0.3, 0.5, 4];
  tf.tidy(() => {
    const loss = objective.loss(tf.tensor2d(differences, [7, 1]), { kind: 'values', width: 1, values: tf.zeros([7, 1]) }).dataSync()[0];
    expect(loss).toBeCloseTo(differences.reduce((sum, d) => sum + formula(d), 0) / 7, 5);
  });
});
