import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, specOf, type ParamInfo } from '@gradstream/numerics';
import { l2, regularizers, type Penalty, type Selection } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const at = (penalty: Penalty, w: number[], step = 0) => tf.tidy(() => {
  const { value, grad } = tf.valueAndGrad((x) => penalty.value({ w: x }, step))(tf.tensor1d(w));
  return { value: value.dataSync()[0], gradient: [...grad.dataSync()] };
});

it("has torch's gradient amount · w, and Keras' twice that when asked", () => {
  expect(at(l2(0.5), [1, -2, 0])).toEqual({ value: 1.25, gradient: [0.5, -1, 0] });
  expect(at(l2({ amount: 0.5, convention: 'keras' }), [1, -2, 0])).toEqual({ value: 2.5, gradient: [1, -2, 0] });
});

it('sums over params and is 0 without any', () => {
  tf.tidy(() => {
    expect(l2(1).value({ a: tf.tensor1d([1]), b: tf.tensor2d([[2, 2]]) }, 0).dataSync()[0]).toBe(4.5);
    expect(l2(1).value({}, 0).dataSync()[0]).toBe(0);
  });
});

it('follows a schedule of its amount', () => {
  expect(at(l2((step) => step), [2], 3)).toEqual({ value: 6, gradient: [6] });
  expect(() => at(l2((step) => -step), [2], 3)).toThrow('l2: amount must be a number of at least 0, received -3 at step 3');
});

const param = (name: string, role: ParamInfo['role']): ParamInfo => ({ name, role, shape: [2] });

it('leaves biases, norm params and buffers alone, unless named', () => {
  const params = [param('a/kernel', 'kernel'), param('b/table', 'embedding'), param('a/bias', 'bias'), param('n/gamma', 'norm'), param('n/mean', 'buffer')];
  const seen = (on?: Selection) => params.filter((p) => l2({ amount: 1, on }).applies(p)).map(({ name }) => name);
  expect(seen()).toEqual(['a/kernel', 'b/table']);
  expect(seen('all')).toEqual(['a/kernel', 'b/table', 'a/bias', 'n/gamma']);
  expect(seen(['a'])).toEqual(['a/kernel', 'a/bias']);
  expect(seen(['bias', 'n'])).toEqual(['a/bias', 'n/gamma']);
});

it('comes back from its document, also from the short form', () => {
  const again = buildFrom<Penalty>({ regularizer: regularizers }, 'regularizer', JSON.parse(JSON.stringify(specOf(l2(0.25)))), 'penalty');
  expect(specOf(again)).toEqual({ name: 'l2', amount: 0.25 });
  expect(at(again, [2])).toEqual(at(l2(0.25), [2]));
});

it.each([
  [() => l2(-1), 'l2: amount must be a number of at least 0 (or a schedule or a stream of such numbers), received -1'],
  [() => l2({ amount: 1, on: 'biases' as 'all' }), "l2: on must be 'kernels', 'all' or a list of at least 1, each a text, received 'biases'"],
  [() => l2({ amont: 1 } as unknown as { amount: number }), "l2: 'amont' is not an option; did you mean 'amount'?"],
])('%# refuses what it does not know', (make, sentence) => expect(make).toThrow(sentence));
