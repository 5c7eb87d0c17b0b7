import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { TargetValues } from '@gradstream/numerics';
import { accuracy, gradientNorm, mae, metrics, mse, softmaxCrossEntropy, type Metric } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const classes = (values: number[], width: number): TargetValues => ({ kind: 'classes', width, shape: [values.length], values: Int32Array.from(values) });
const numbers = (values: number[], width: number): TargetValues => ({ kind: 'values', width, shape: [values.length / width, width], values: Float32Array.from(values) });

/** The value on a split that comes in batches of the given sizes. */
function whole(metric: Metric, width: number, outputs: number[], targets: (from: number, to: number) => TargetValues, cuts: number[]) {
  const accumulator = metric.accumulator!(softmaxCrossEntropy());
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

it('every metric can be made from its name alone', () => {
  for (const [name, make] of Object.entries(metrics)) expect((make as () => Metric)()).toMatchObject({ name });
});
