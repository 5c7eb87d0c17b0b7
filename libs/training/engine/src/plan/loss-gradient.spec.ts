import * as tf from '@tensorflow/tfjs-core';
import { key, type Batch } from '@gradstream/numerics';
import { huber, softmaxCrossEntropy } from '@gradstream/losses';
import { build, initialize } from '@gradstream/models';
import { freeze } from '@gradstream/optimizers';
import { useBackend } from '../backend.ts';
import { tapeTrainer } from '../tape.ts';
import { batchOf, models } from './cases.fixture.ts';
import { lossGradient } from './loss-gradient.ts';

beforeAll(() => useBackend({ backend: 'wasm' }));

const plain = ['a multi-layer perceptron', 'bytes', 'a small convolutional network', 'a stride of two'];

describe.each(plain)('the gradient in place: %s', (name) => {
  const c = models[name];
  const model = build(c.model, c.inputShape, c.width ?? 3);
  const objective = c.objective ?? softmaxCrossEntropy();
  const weights = initialize(model, key(3));

  it('is that of the tape at whatever stands in the point, batch size by batch size', () => {
    const ours = lossGradient(model, objective, weights)!;
    const tape = tapeTrainer({ model, objective, regularizers: [], optimizer: freeze(), key: key(3) }, 'wasm');
    [6, 4, 6, 6].forEach((batch, i) => {
      const given: Batch = batchOf({ ...c, batch }, i);
      if (i > 0) ours.mix(ours.point, 1, ours.point, -0.1, ours.gradient);
      let at = 0;
      tape.restore({ weights: new Map(model.params.map(({ name: param, shape }) => [param, { shape, values: ours.point.slice(at, (at += weights.get(param)!.values.length)) }])) });
      const outcome = tape.step(given);
      expect(ours.at(given)).toBeCloseTo(outcome.scalars([]).read()[0], 5);
      const named = outcome.view().gradients;
      const expected = model.params.flatMap(({ name: param }) => [...named[param].dataSync()]);
      const largest = Math.max(...expected.map(Math.abs));
      expect(Math.max(...expected.map((g, j) => Math.abs(g - ours.gradient[j]))) / largest).toBeLessThan(2e-5);
      outcome.release();
    });
    tape.dispose();
    ours.dispose();
  });

  it('makes no tensor, and its vectors add and multiply', () => {
    const tensors = tf.memory().numTensors;
    const ours = lossGradient(model, objective, weights)!;
    ours.at(batchOf(c, 0));
    const [a, b] = [ours.vector(0), ours.vector(1)];
    for (let i = 0; i < a.length; i++) [a[i], b[i]] = [Math.sin(i), Math.cos(3 * i)];
    const expected = a.reduce((sum, x, i) => sum + x * b[i], 0);
    expect(ours.dot(a, b)).toBeCloseTo(expected, 10);
    const mixed = Float32Array.from(a, (x, i) => Math.fround(2 * x) + Math.fround(-3 * b[i]));
    ours.mix(b, 2, a, -3, b);
    expect(b).toEqual(mixed);
    expect(tf.memory().numTensors).toBe(tensors);
    ours.dispose();
  });
});

describe('lossGradient', () => {
  const model = build(models['a multi-layer perceptron'].model, [7], 3);
  const weights = initialize(model, key(3));

  it('is not there where no plan is: other objectives, other backends', async () => {
    expect(lossGradient(model, huber(), weights)).toBeUndefined();
    await useBackend({ backend: 'cpu' });
    expect(lossGradient(model, softmaxCrossEntropy(), weights)).toBeUndefined();
    await useBackend({ backend: 'wasm' });
  });

  it('refuses weights of another model', () => {
    expect(() => lossGradient(model, softmaxCrossEntropy(), new Map([...weights].slice(1)))).toThrow('lossGradient');
  });
});
