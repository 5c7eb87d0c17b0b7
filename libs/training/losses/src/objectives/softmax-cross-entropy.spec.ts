import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { key, normals } from '@gradstream/numerics';
import { softmaxCrossEntropy, type TargetTensor } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const K = 4;
const logits = [...normals(key(1), 5 * K)].map((z) => 3 * z);
const labels = [0, 2, 1, 1, 3];
const classes = (): TargetTensor => ({ kind: 'classes', width: K, values: tf.tensor1d(labels, 'int32') });

/** The formula in float64, one row at a time. */
function reference(rows: number[], targetOf: (row: number, k: number) => number): number {
  let total = 0;
  for (let i = 0; i < rows.length / K; i++) {
    const row = rows.slice(i * K, (i + 1) * K);
    const logSum = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    row.forEach((z, k) => (total -= targetOf(i, k) * (z - logSum)));
  }
  return total / (rows.length / K);
}
const value = (scalar: tf.Tensor) => scalar.dataSync()[0];

it.each([0, 0.1, 0.3])('is the mean of −Σ t log p with the label smoothed by %d', (labelSmoothing) => {
  tf.tidy(() => {
    const objective = softmaxCrossEntropy({ labelSmoothing });
    const outputs = tf.tensor2d(logits, [5, K]);
    const smoothed = (e: number) => reference(logits, (i, k) => (1 - e) * Number(labels[i] === k) + e / K);
    expect(value(objective.loss(outputs, classes()))).toBeCloseTo(smoothed(labelSmoothing), 5);
    expect(value(objective.evaluationLoss!(outputs, classes()))).toBeCloseTo(smoothed(0), 5);
  });
});

it('gives the same for a class and for its one-hot distribution, and mixes linearly', () => {
  tf.tidy(() => {
    const { loss } = softmaxCrossEntropy({ labelSmoothing: 0.1 });
    const outputs = tf.tensor2d(logits, [5, K]);
    const hot = tf.oneHot(tf.tensor1d(labels, 'int32'), K, 1, 0, 'float32');
    const turned = tf.reverse(hot, 0);
    const of = (values: tf.Tensor) => value(loss(outputs, { kind: 'probabilities', width: K, values }));
    expect(of(hot)).toBeCloseTo(value(loss(outputs, classes())), 6);
    expect(of(tf.add(tf.mul(hot, 0.3), tf.mul(turned, 0.7)))).toBeCloseTo(0.3 * of(hot) + 0.7 * of(turned), 5);
  });
});

it('treats each position of a sequence as a row', () => {
  tf.tidy(() => {
    const flat = value(softmaxCrossEntropy().loss(tf.tensor2d(logits.slice(0, 16), [4, K]), { kind: 'classes', width: K, values: tf.tensor1d(labels.slice(0, 4), 'int32') }));
    const sequence = value(softmaxCrossEntropy().loss(tf.tensor3d(logits.slice(0, 16), [2, 2, K]), { kind: 'classes', width: K, values: tf.tensor2d(labels.slice(0, 4), [2, 2], 'int32') }));
    expect(sequence).toBe(flat);
  });
});

it('has the gradient softmax − target, over the batch', () => {
  tf.tidy(() => {
    const outputs = tf.tensor2d(logits, [5, K]);
    const gradient = tf.grad((x) => softmaxCrossEntropy({ labelSmoothing: 0.1 }).loss(x, classes()))(outputs);
    const target = tf.add(tf.mul(tf.oneHot(tf.tensor1d(labels, 'int32'), K), 0.9), 0.1 / K);
    const expected = tf.div(tf.sub(tf.softmax(outputs), target), 5).dataSync();
    gradient.dataSync().forEach((g, i) => expect(g).toBeCloseTo(expected[i], 6));
  });
});

it('stays finite at logits of 1000', () => {
  tf.tidy(() => expect(value(softmaxCrossEntropy().loss(tf.tensor2d([[1000, -1000]]), { kind: 'classes', width: 2, values: tf.tensor1d([1], 'int32') }))).toBe(2000));
});

it.each([
  [() => softmaxCrossEntropy({ labelSmoothing: 1 }), 'softmaxCrossEntropy: labelSmoothing must be in [0, 1), received 1'],
  [() => softmaxCrossEntropy({ labelSmoothing: NaN }), 'softmaxCrossEntropy: labelSmoothing must be in [0, 1), received NaN'],
  [() => tf.tidy(() => softmaxCrossEntropy({ classWeights: [1, 2] }).loss(tf.tensor2d(logits, [5, K]), classes())), 'softmaxCrossEntropy: classWeights must hold one weight for each of 4 classes, received 2'],
  [() => tf.tidy(() => softmaxCrossEntropy().loss(tf.tensor2d(logits, [4, 5]), classes())), 'softmaxCrossEntropy: outputs [4,5] and targets [5,5] differ in shape'],
])('%# refuses what does not fit', (run, sentence) => expect(run).toThrow(sentence));

it('weighs batches so that the loss of a split does not depend on how it is cut', () => {
  const objective = softmaxCrossEntropy({ classWeights: [1, 5, 2, 0.5] });
  const part = (from: number, to: number) => tf.tidy(() => {
    const values = Int32Array.from(labels.slice(from, to));
    const loss = value(objective.loss(tf.tensor2d(logits.slice(from * K, to * K), [to - from, K]), { kind: 'classes', width: K, values: tf.tensor1d(values) }));
    return { loss, weight: objective.weightOf!({ size: to - from, targets: { kind: 'classes', width: K, shape: [to - from], values } }) };
  });
  const [whole, a, b] = [part(0, 5), part(0, 2), part(2, 5)];
  expect((a.loss * a.weight + b.loss * b.weight) / (a.weight + b.weight)).toBeCloseTo(whole.loss, 5);
  expect(whole.weight).toBe(1 + 2 + 5 + 5 + 0.5);
  expect(softmaxCrossEntropy().weightOf!({ size: 7, targets: { kind: 'classes', width: K, shape: [7], values: new Int32Array(7) } })).toBe(7);
});
