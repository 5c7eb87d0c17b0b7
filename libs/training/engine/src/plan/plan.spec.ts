import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import { key } from '@gradstream/numerics';
import { accuracy, softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { alphaDropout, batchNorm, build, cnn, dense, dropConnect, groupNorm, layers, mlp, residual, rmsNorm, spatialDropout, standardizedConv2d, transformer } from '@gradstream/models';
import { adam, sgd } from '@gradstream/optimizers';
import { l2, spectral } from '@gradstream/regularizers';
import '../wasm.ts';
import { nativeBlas, type NativeBlas } from '../native/blas.ts';
import type { Trainer } from '../trainer.ts';
import { batchOf, both, distance, head, layersOf, models, type Case } from './cases.fixture.ts';
import { planners } from './layers/index.ts';
import { planTrainer } from './trainer.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

describe('a plan', () => {
  const c = models['a perceptron with dropout'];

  it('covers every layer there is', () => {
    expect(Object.keys(planners).sort()).toEqual(Object.keys(layers).sort());
  });

  it('is not made for what it does not cover', () => {
    const description = { model: build(layersOf(residual({ layers: [dense({ units: 4 }), batchNorm({ momentum: 'cumulative' })] }), dense({ units: 3 })), [4], 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: sgd({ learningRate: 0.1 }), key: key(1) };
    const perceptron = { ...description, model: build(mlp({ hidden: [4] }), [4], 3) };
    expect(planTrainer(description, 'wasm')).toBe("no kernel computes the layer 'block1/batchNorm1' (batchNorm) as it is set");
    expect(planTrainer({ ...perceptron, objective: { ...softmaxCrossEntropy() } as Objective }, 'wasm')).toBe("no kernel computes the objective 'softmaxCrossEntropy'");
    expect(planTrainer({ ...perceptron, regularizers: [spectral(0.1)] }, 'wasm')).toBe("no kernel computes the penalty 'spectral' as it is set");
  });

  it('gives the same bits twice, and others for another seed of the masks', () => {
    const { plan: first } = both(c);
    const { plan: second } = both(c);
    const { plan: third } = both(c);
    for (let step = 0; step < 5; step++) {
      first.step(batchOf(c, step));
      second.step(batchOf(c, step));
      third.step({ ...batchOf(c, step), key: key(1000 + step) });
    }
    expect(distance(first, second)).toBe(0);
    expect(distance(first, third)).toBeGreaterThan(0);
    for (const trainer of [first, second, third]) trainer.dispose();
  });

  it('continues bit for bit from a snapshot', () => {
    const { plan } = both({ ...c, optimizer: adam({ learningRate: 0.01 }) });
    for (let step = 0; step < 4; step++) plan.step(batchOf(c, step));
    const state = plan.snapshot();
    for (let step = 4; step < 8; step++) plan.step(batchOf(c, step));
    const { plan: resumed } = both({ ...c, optimizer: adam({ learningRate: 0.01 }) });
    resumed.restore(state);
    for (let step = 4; step < 8; step++) resumed.step(batchOf(c, step));
    expect(distance(plan, resumed)).toBe(0);
    plan.dispose();
    resumed.dispose();
  });

  it('takes batches of any size in turn', () => {
    const { plan, tape } = both(c);
    for (let step = 0; step < 24; step++) {
      const batch = batchOf({ ...c, batch: 1 + ((step * 5) % 9) }, step);
      plan.step(batch);
      tape.step(batch).release();
    }
    expect(distance(plan, tape)).toBeLessThan(1e-4);
    plan.dispose();
    tape.dispose();
  });

  it('goes on when its memory grows in mid-training', () => {
    const large = { ...c, optimizer: adam({ learningRate: 0.01 }) };
    const { plan, tape } = both(large);
    for (let step = 0; step < 12; step++) {
      // The sixth batch needs some 40 MB, more than any memory that is waiting for a run.
      const batch = batchOf({ ...large, batch: step === 6 ? 100_000 : 6 }, step);
      plan.step(batch);
      tape.step(batch).release();
    }
    expect(distance(plan, tape)).toBeLessThan(1e-4);
    plan.dispose();
    tape.dispose();
  });

  it('lends tensors that are gone after the step', () => {
    const { plan } = both(c);
    const before = tf.memory().numTensors;
    const outcome = plan.step(batchOf(c, 0));
    expect(tf.memory().numTensors).toBe(before);
    expect(outcome.view().outputs.shape).toEqual([6, 3]);
    expect(Object.keys(outcome.view().gradients).length).toBe(6);
    outcome.release();
    expect(tf.memory().numTensors).toBe(before);
    plan.dispose();
  });

  it('trains two models side by side', () => {
    const other = models['a small convolutional network'];
    const [a, b] = [both(c), both(other)];
    for (let step = 0; step < 5; step++) {
      for (const [pair, each] of [[a, c], [b, other]] as const) {
        pair.plan.step(batchOf(each, step));
        pair.tape.step(batchOf(each, step)).release();
      }
    }
    expect(distance(a.plan, a.tape)).toBeLessThan(1e-5);
    expect(distance(b.plan, b.tape)).toBeLessThan(1e-4);
    for (const { plan, tape } of [a, b]) {
      plan.dispose();
      tape.dispose();
    }
  });

  it('gives the same bits on two and on three threads as on one', () => {
    const wide: Case[] = [
      { model: mlp({ hidden: [70, 40], dropout: 0.2 }), inputShape: [90], batch: 133 },
      { model: cnn({ filters: [4, 9], size: 3, hidden: [30], batchNorm: true }), inputShape: [20, 20, 1], batch: 30 },
      { ...models['a residual network'], batch: 61 },
      { ...models['layer norm over an embedding'], batch: 3001 },
      { ...models['depthwise convolutions'], batch: 201 },
      { model: transformer({ units: 24, blocks: 1, heads: 2, dropout: 0.1 }), inputShape: [12], width: 9, tokens: 9, positions: 12, batch: 61 },
      { model: layersOf(standardizedConv2d({ filters: 9, size: 3, activation: 'relu' }), groupNorm({ groups: 3 }), spatialDropout({ rate: 0.2 }), ...head()), inputShape: [9, 9, 2], batch: 67 },
      { model: layersOf(dropConnect({ units: 70, rate: 0.3, activation: 'relu' }), alphaDropout({ rate: 0.1 }), dropConnect({ units: 30, rate: 0.3 }), rmsNorm(), dense({ units: 3 })), inputShape: [90], batch: 131 },
    ];
    for (const c of wide) {
      const description = { model: build(c.model, c.inputShape, c.width ?? 3), objective: softmaxCrossEntropy() as Objective, regularizers: [l2(0.01)], optimizer: adam({ learningRate: 0.01 }), key: key(11) };
      const trainers = [1, 2, 3].map((threads) => planTrainer(description, 'wasm', { threads }) as Trainer);
      const losses = trainers.map((trainer) => [0, 1, 2, 3].map((step) => trainer.step(batchOf(c, step)).scalars([accuracy()]).read()));
      expect(losses[1]).toEqual(losses[0]);
      expect(losses[2]).toEqual(losses[0]);
      expect(distance(trainers[0], trainers[1])).toBe(0);
      expect(distance(trainers[0], trainers[2])).toBe(0);
      expect(trainers[1].evaluate(batchOf(c, 9))).toEqual(trainers[0].evaluate(batchOf(c, 9)));
      expect(trainers[1].engine).toBe('plan+wasm (2 threads)');
      for (const trainer of trainers) trainer.dispose();
    }
  });

  const native = nativeBlas();
  (typeof native === 'string' ? it.skip : it)('carries out large products in OpenBLAS', () => {
    const c: Case = { model: mlp({ hidden: [90, 40], dropout: 0.2 }), inputShape: [90], batch: 70 };
    const description = { model: build(c.model, c.inputShape, 3), objective: softmaxCrossEntropy() as Objective, regularizers: [], optimizer: sgd({ learningRate: 0.1 }), key: key(11) };
    const [ours, wasm] = [{ native: native as NativeBlas }, {}].map((options) => planTrainer(description, 'wasm', options) as Trainer);
    for (let step = 0; step < 50; step++) [ours, wasm].forEach((trainer) => trainer.step(batchOf(c, step)));
    expect(ours.engine).toBe('plan+native');
    expect(distance(ours, wasm)).toBeLessThan(1e-3);
    expect(distance(ours, wasm)).toBeGreaterThan(0);
    for (const trainer of [ours, wasm]) trainer.dispose();
  });

  it('gives its memory back: 100 plans need no more than one', () => {
    const external = () => process.memoryUsage().arrayBuffers;
    const cycle = () => {
      const { plan, tape } = both(models['a small convolutional network']);
      plan.step(batchOf(models['a small convolutional network'], 0));
      plan.dispose();
      tape.dispose();
    };
    cycle();
    const [before, tensors] = [external(), tf.memory().numTensors];
    for (let i = 0; i < 100; i++) cycle();
    expect(external() - before).toBeLessThan(2e6);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
