import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { TargetValues } from '@gradstream/numerics';
import {
  accuracy, areaUnderRoc, auc, calibrationError, confusionMatrix, f1, gradientNorm, mae, metrics, mse, perplexity, rSquared, sigmoidCrossEntropy, softmaxCrossEntropy, topK, weightNorm,
  type Metric, type Objective,
} from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const classes = (values: number[], width: number): TargetValues => ({ kind: 'classes', width, shape: [values.length], values: Int32Array.from(values) });
const numbers = (values: number[], width: number): TargetValues => ({ kind: 'values', width, shape: [values.length / width, width], values: Float32Array.from(values) });

/** The value on a split that comes in batches of the given sizes. */
function whole(metric: Metric, width: number, outputs: number[], targets: (from: number, to: number) => TargetValues, cuts: number[], objective: Objective = softmaxCrossEntropy()) {
  const accumulator = metric.accumulator!(objective);
  let from = 0;
  for (const size of cuts) {
    accumulator.add(Float32Array.from(outputs.slice(from * width, (from + size) * width)), { size, targets: targets(from, from + size) });
    from += size;
  }
  return accumulator.result();
}

it('accuracy is the exact share of a split, however it is cut into batches', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true }), fc.double({ noNaN: true }))), { minLength: 1, maxLength: 20 }), fc.nat(), (rows, cut) => {
    const outputs = rows.flatMap(([, row]) => row.map(Math.fround));
    const labels = rows.map(([label]) => label);
    const right = rows.filter(([label, row]) => row.map(Math.fround).indexOf(Math.max(...row.map(Math.fround))) === label).length;
    const first = cut % (rows.length + 1);
    expect(whole(accuracy(), 3, outputs, (a, b) => classes(labels.slice(a, b), 3), [first, rows.length - first])).toEqual({ accuracy: right / rows.length });
  }));
});

it('accuracy of a step is the share of the batch, of mixed labels by their largest part', () => {
  tf.tidy(() => {
    const outputs = tf.tensor2d([[1, 2], [3, 1], [0, 5]]);
    const view = { outputs, loss: tf.scalar(0), gradients: {}, params: {} };
    const hard = accuracy().step!({ ...view, targets: { kind: 'classes', width: 2, values: tf.tensor1d([1, 1, 1], 'int32') } });
    const mixed = accuracy().step!({ ...view, targets: { kind: 'probabilities', width: 2, values: tf.tensor2d([[0.4, 0.6], [0.4, 0.6], [0.6, 0.4]]) } });
    expect(hard.dataSync()[0]).toBeCloseTo(2 / 3);
    expect(mixed.dataSync()[0]).toBeCloseTo(1 / 3);
  });
});

it('an output that is NaN is never right', () => {
  expect(whole(accuracy(), 2, [NaN, 1, 1, 0], () => classes([1, 0], 2), [2])).toEqual({ accuracy: 0.5 });
});

it('mse and mae are means over all numbers of a split, not means of batch means', () => {
  const outputs = [1, 2, 3, 4, 5, 6];
  const targets = (a: number, b: number) => numbers([0, 0, 0, 0, 5, 9].slice(a * 2, b * 2), 2);
  expect(whole(mse(), 2, outputs, targets, [1, 2])).toEqual({ mse: (1 + 4 + 9 + 16 + 0 + 9) / 6 });
  expect(whole(mae(), 2, outputs, targets, [2, 1])).toEqual({ mae: (1 + 2 + 3 + 4 + 0 + 3) / 6 });
});

it('gradientNorm is the L2 norm of all gradients together, and 0 without any', () => {
  tf.tidy(() => {
    const view = { outputs: tf.zeros([1, 1]), targets: { kind: 'values', width: 1, values: tf.zeros([1, 1]) } as const, loss: tf.scalar(0), params: {} };
    expect(gradientNorm().step!({ ...view, gradients: { a: tf.tensor1d([2, 3]), b: tf.tensor2d([[6]]) } }).dataSync()[0]).toBeCloseTo(7, 6);
    expect(gradientNorm().step!({ ...view, gradients: {} }).dataSync()[0]).toBe(0);
  });
});

it('metrics of classes refuse numbers', () => {
  expect(() => whole(accuracy(), 1, [1], () => numbers([1], 1), [1])).toThrow('accuracy: needs targets that are classes, received values');
});

it('every metric can be made from its name alone, and does something', () => {
  for (const make of Object.values(metrics)) {
    const metric = (make as () => Metric)();
    expect(metric.step ?? metric.accumulator).toBeDefined();
  }
});

it('every metric of a split gives the same however the split is cut into batches', () => {
  const rows = 12;
  const outputs = Array.from({ length: rows * 3 }, (_, i) => Math.fround(Math.sin(i * 7)));
  const labels = Array.from({ length: rows }, (_, i) => (i * 5) % 3);
  for (const make of Object.values(metrics)) {
    const metric = (make as () => Metric)();
    if (!metric.accumulator) continue;
    const of = (cuts: number[]) => whole(metric, 3, outputs, (a, b) => classes(labels.slice(a, b), 3), cuts);
    const once = of([rows]);
    expect(Object.keys(once).length).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(of([1, 4, 0, 7]))) expect(value).toBeCloseTo(once[name], 12);
  }
});

it('topK counts classes among the k largest outputs, the first of equals first', () => {
  const outputs = [0.1, 0.5, 0.4, 0, 0, 0, NaN, 2, 1];
  const of = (k: number) => whole(topK({ k }), 3, outputs, () => classes([2, 1, 1], 3), [3]);
  expect(of(1)).toEqual({ top1: 0 });
  expect(of(2)).toEqual({ top2: 2 / 3 });
  expect(of(3)).toEqual({ top3: 2 / 3 });
});

it('confusionMatrix, precision, recall and F1 count who was taken for whom', () => {
  const hot = (k: number) => [0, 1, 2].map((c) => Number(c === k));
  const [truth, predicted] = [[0, 0, 0, 1, 1], [0, 0, 1, 1, 0]];
  const of = (metric: Metric) => whole(metric, 3, predicted.flatMap(hot), () => classes(truth, 3), [5]);
  expect(of(confusionMatrix())).toMatchObject({ 'confusion/0/0': 2, 'confusion/0/1': 1, 'confusion/1/0': 1, 'confusion/1/1': 1, 'confusion/2/2': 0 });
  expect(of(f1({ perClass: true }))).toEqual({
    precision: expect.closeTo((2 / 3 + 1 / 2) / 2), 'precision/0': expect.closeTo(2 / 3), 'precision/1': 0.5,
    recall: expect.closeTo((2 / 3 + 1 / 2) / 2), 'recall/0': expect.closeTo(2 / 3), 'recall/1': 0.5,
    f1: expect.closeTo((2 / 3 + 1 / 2) / 2), 'f1/0': expect.closeTo(2 / 3), 'f1/1': 0.5,
  });
});

it('auc is the share of pairs in the right order, ties counting half', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), { minLength: 2, maxLength: 30 }), (rows) => {
    const pairs = rows.filter(([, yes]) => yes).flatMap(([a]) => rows.filter(([, yes]) => !yes).map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)));
    const area = areaUnderRoc(rows.map(([score]) => score), rows.map(([, yes]) => yes));
    if (pairs.length === 0) expect(area).toBeUndefined();
    else expect(area).toBeCloseTo(pairs.reduce((sum: number, p) => sum + p, 0) / pairs.length, 12);
  }));
  expect(whole(auc(), 2, [0, 3, 0, 1, 0, 2, 0, 0], () => classes([1, 0, 1, 0], 2), [4])).toEqual({ auc: 1 });
  expect(whole(auc(), 1, [3, 1, 2, 0], () => classes([1, 0, 0, 1], 2), [4], sigmoidCrossEntropy())).toEqual({ auc: 0.5 });
  expect(whole(auc(), 2, [NaN, 3, 0, 1], () => classes([1, 0], 2), [2]).auc).toBeNaN();
});

it('calibrationError is the mean gap between confidence and accuracy over bins', () => {
  const logit = (p: number) => Math.log(p / (1 - p));
  const outputs = [0.95, 0.95, 0.95, 0.95, 0.6, 0.6].flatMap((p) => [0, logit(p)]);
  const of = (options: { reliability?: boolean }) => whole(calibrationError({ bins: 10, ...options }), 2, outputs, () => classes([1, 1, 1, 0, 1, 0], 2), [6]);
  expect(of({}).calibrationError).toBeCloseTo((4 * (0.95 - 0.75) + 2 * (0.6 - 0.5)) / 6, 6);
  expect(of({ reliability: true })).toMatchObject({ 'reliability/9/count': 4, 'reliability/9/accuracy': 0.75, 'reliability/9/confidence': expect.closeTo(0.95, 6) });
});

it('a confidence at the border of two bins belongs to the lower one', () => {
  const of = (bins: number) => Object.keys(whole(calibrationError({ bins, reliability: true }), 2, [0, 0], () => classes([0], 2), [1])).filter((name) => name.endsWith('count'));
  expect(of(2)).toEqual(['reliability/0/count']);
  expect(of(3)).toEqual(['reliability/1/count']);
  expect(of(1)).toEqual(['reliability/0/count']);
});

it('perplexity of a uniform guess is the number of classes', () => {
  expect(whole(perplexity(), 4, new Array(12).fill(7), () => classes([0, 1, 3], 4), [3]).perplexity).toBeCloseTo(4, 12);
});

it('rSquared is 1 for the truth, 0 for its mean, and judges columns apart', () => {
  const targets = (a: number, b: number) => numbers([1, 5, 2, 5, 3, 5, 6, 5].slice(a * 2, b * 2), 2);
  expect(whole(rSquared(), 2, [1, 5, 2, 5, 3, 5, 6, 5], targets, [1, 3]).rSquared).toBe(1);
  expect(whole(rSquared(), 2, [3, 5, 3, 5, 3, 5, 3, 5], targets, [2, 2]).rSquared).toBeCloseTo(0.5, 12);
  expect(whole(rSquared(), 2, [1, 5, 2, 5, 3, 5, 6, 4], targets, [4]).rSquared).toBe(0.5);
});

it('weightNorm looks at kernels only', () => {
  tf.tidy(() => {
    const params = { kernel: tf.tensor2d([[3, 4]]), bias: tf.tensor1d([9]), running: tf.tensor2d([[8]]) };
    const view = { outputs: tf.zeros([1, 1]), targets: { kind: 'values', width: 1, values: tf.zeros([1, 1]) } as const, loss: tf.scalar(0), params, gradients: { kernel: params.kernel, bias: params.bias } };
    expect(weightNorm().step!(view).dataSync()[0]).toBeCloseTo(5, 6);
  });
});
