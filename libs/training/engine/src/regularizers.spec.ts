import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { fold, key, normals, type Batch } from '@gradstream/numerics';
import { meanSquaredError } from '@gradstream/losses';
import { batchNorm, build, dense, dropout, linear, sequential, type Model } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';
import { jacobian, l1, maxNorm, proximalL1, weightNoise, type Regularizer } from '@gradstream/regularizers';
import { compile, useBackend } from './index.ts';

beforeAll(() => useBackend({ backend: 'cpu' }));

/** Three inputs, of which only the first matters. */
const batchAt = (step: number): Batch => {
  const inputs = normals(fold(key(1), step), 16 * 3);
  return {
    step, epoch: 0, index: step, batchesPerEpoch: 100, size: 16, inputShape: [16, 3], inputs, ids: new Uint32Array(16), key: fold(key(2), step),
    targets: { kind: 'values', width: 1, shape: [16, 1], values: Float32Array.from({ length: 16 }, (_, i) => 2 * inputs[3 * i]) },
  };
};

it('a strength may be a stream: each step uses its latest value and says so, and the run lets go of it', () => {
  const observers = new Set<{ next(value: number): void }>();
  const strength = {
    subscribe: (observer: { next(value: number): void }) => {
      observers.add(observer);
      observer.next(0);
      return { unsubscribe: () => void observers.delete(observer) };
    },
  };
  const trainer = compile({ model: build(linear({ kernelInit: 'ones' }), [3], 1), objective: meanSquaredError(), regularizers: [l1(strength), maxNorm(9)], optimizer: sgd({ learningRate: 0.1 }), key: key(3) }, { engine: 'tape' });
  const penalties = [0, 2, 0.5].map((value, step) => {
    observers.forEach((observer) => observer.next(value));
    const size = trainer.weights().get('output/kernel')!.values.reduce((sum, w) => sum + Math.abs(w), 0);
    const outcome = trainer.step(batchAt(step));
    expect(outcome.hyper).toEqual({ learningRate: 0.1, 'l1.amount': value });
    const penalty = outcome.scalars([]).read()[1];
    outcome.release();
    return penalty / size;
  });
  expect(penalties).toEqual([0, expect.closeTo(2, 5), expect.closeTo(0.5, 5)]);
  expect(observers.size).toBe(1);
  trainer.dispose();
  expect(observers.size).toBe(0);
});

function train(regularizers: readonly Regularizer[], steps: number, model: Model = linear({ kernelInit: 'glorotUniform' })) {
  const trainer = compile({ model: build(model, [3], 1), objective: meanSquaredError(), regularizers, optimizer: sgd({ learningRate: 0.1 }), key: key(3) }, { engine: 'tape' });
  const penalties: number[] = [];
  for (let step = 0; step < steps; step++) {
    const outcome = trainer.step(batchAt(step));
    penalties.push(outcome.scalars([]).read()[1]);
    outcome.release();
  }
  const weights = trainer.weights();
  trainer.dispose();
  return { weights, kernel: [...(weights.get('output/kernel')?.values ?? [])], penalties };
}

it('proximal L1 sets weights that do not matter to exactly 0, where the L1 gradient only comes close', () => {
  const { kernel } = train([proximalL1(0.2)], 100);
  expect(kernel).toEqual([expect.closeTo(1.9, 1), 0, 0]);
  const shrunk = train([l1(0.2)], 100).kernel;
  expect(shrunk[0]).toBeCloseTo(1.9, 1);
  expect(shrunk[1]).not.toBe(0);
});

it('a constraint holds after every step', () => {
  expect(Math.hypot(...train([maxNorm(0.5)], 30).kernel)).toBeCloseTo(0.5, 6);
});

it('the Jacobian penalty of a linear model is half its squared norm, and pulls it down', () => {
  const { kernel, penalties } = train([jacobian({ amount: 4, directions: 8 })], 60);
  expect(kernel[0]).toBeLessThan(1);
  expect(penalties.at(-1)! / (2 * Math.hypot(...kernel) ** 2)).toBeGreaterThan(0.6);
  expect(penalties.at(-1)! / (2 * Math.hypot(...kernel) ** 2)).toBeLessThan(1.6);
});

it('penalties that look at outputs see the same masks and leave statistics and tensors alone', () => {
  const model = sequential({ layers: [dense({ units: 4, activation: 'tanh' }), batchNorm(), dropout({ rate: 0.5 }), dense({ units: 1 })] });
  const before = tf.memory().numTensors;
  const plain = train([], 1, model).weights;
  const { weights, penalties } = train([jacobian({ amount: 1e-3, h: 1e-3 })], 1, model);
  expect(tf.memory().numTensors).toBe(before);
  for (const name of ['batchNorm1/mean', 'batchNorm1/variance']) expect(weights.get(name)).toEqual(plain.get(name));
  // With other masks the difference quotient would be of the order 1 / h.
  expect(penalties[0]).toBeLessThan(0.1);
});

it('weight noise moves the gradient, not the weights it starts from', () => {
  const [clean, noisy] = [train([], 1).kernel, train([weightNoise(0.1)], 1).kernel];
  expect(noisy).not.toEqual(clean);
  noisy.forEach((w, i) => expect(Math.abs(w - clean[i])).toBeLessThan(0.1));
});
