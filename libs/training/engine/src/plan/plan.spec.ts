import { fold, key, type Batch, type Targets } from '@gradstream/numerics';
import { accuracy, gradientNorm, meanSquaredError, softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { activation, alphaDropout, attention, averagePool, batchNorm, build, conv1d, conv2d, dense, depthwiseConv2d, dropConnect, embedding, flatten, gaussianDropout, gaussianNoise, globalAveragePool, groupNorm, instanceNorm, layerNorm, layers, maxPool, positionEmbedding, randomProjection, residual, rmsNorm, sequential, spatialDropout, standardizedConv2d, stochasticDepth, cnn, mlp, resnet, transformer, type Layer, type Model } from '@gradstream/models';
import { adam, adamw, chain, clipByGlobalNorm, momentum, nesterov, sgd, amsgrad, type Transformation } from '@gradstream/optimizers';
import { l2, type Regularizer } from '@gradstream/regularizers';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs';
import '../wasm.ts';
import type { Trainer } from '../trainer.ts';
import { tapeTrainer } from '../tape.ts';
import { nativeBlas, type NativeBlas } from '../native/blas.ts';
import { planners } from './layers/index.ts';
import { planTrainer } from './trainer.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

interface Case {
  readonly model: Model;
  readonly inputShape: readonly number[];
  readonly width?: number;
  readonly batch?: number;
  readonly kind?: Targets;
  readonly tokens?: number;
  readonly bytes?: boolean;
  readonly objective?: Objective;
  readonly regularizers?: readonly Regularizer[];
  readonly optimizer?: Transformation;
  readonly positions?: number;
}

const pseudo = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed + ((i * i) % 13)));

function batchOf({ inputShape, width = 3, batch: size = 6, kind = 'classes', tokens, bytes, positions = 1 }: Case, step: number): Batch {
  const n = size * inputShape.reduce((a, b) => a * b, 1);
  const raw = pseudo(n, step);
  const inputs = tokens ? Int32Array.from(raw, (x) => Math.floor(((x + 1) / 2.001) * tokens)) : bytes ? Uint8Array.from(raw, (x) => Math.floor((x + 1) * 127)) : raw;
  const rows = size * positions;
  const shape = positions > 1 ? [size, positions] : [size];
  const targets =
    kind === 'classes'
      ? { kind, width, shape, values: Int32Array.from(pseudo(rows, step + 99), (x) => Math.floor(((x + 1) / 2.001) * width)) }
      : kind === 'values'
        ? { kind, width, shape: [...shape, width], values: pseudo(rows * width, step + 7) }
        : { kind, width, shape: [...shape, width], values: Float32Array.from({ length: rows * width }, (_, i) => [0.7, 0.3, 0][(i + step) % 3]) };
  return { size, inputShape: [size, ...inputShape], inputs, targets, step, epoch: 0, index: step, batchesPerEpoch: 100, ids: new Uint32Array(size), key: fold(key(5), step) } as Batch;
}

function both(c: Case): { plan: Trainer; tape: Trainer } {
  const description = {
    model: build(c.model, c.inputShape, c.width ?? 3),
    objective: (c.objective ?? softmaxCrossEntropy()) as Objective,
    regularizers: c.regularizers ?? [],
    optimizer: c.optimizer ?? sgd({ learningRate: 0.05 }),
    key: key(11),
  };
  const plan = planTrainer(description, 'wasm');
  if (typeof plan === 'string') throw new Error(plan);
  return { plan, tape: tapeTrainer(description, 'wasm') };
}

/** Largest difference over all params, relative to the largest value of each. */
function distance(a: Trainer, b: Trainer): number {
  const other = b.weights();
  let worst = 0;
  for (const [name, { values }] of a.weights()) {
    const scale = Math.max(1e-3, ...values.map(Math.abs));
    values.forEach((v, i) => (worst = Math.max(worst, Number.isNaN(v) ? Infinity : Math.abs(v - other.get(name)!.values[i]) / scale)));
  }
  return worst;
}

function follow(c: Case, steps = 50): { distance: number; plan: Trainer; tape: Trainer } {
  const { plan, tape } = both(c);
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(c, step);
    const [ours, theirs] = [plan.step(batch), tape.step(batch)];
    const [a, b] = [ours, theirs].map((outcome) => outcome.scalars([accuracy(), gradientNorm()]).read());
    expect(a[0]).toBeCloseTo(b[0], 3);
    expect(a[1]).toBeCloseTo(b[1], 4);
    if (step < 5) {
      expect(a[2]).toBeCloseTo(b[2], 6);
      expect(Math.abs(a[3] - b[3])).toBeLessThan(1e-4 * (1 + b[3]));
    }
    expect(ours.hyper).toEqual(theirs.hyper);
    ours.release();
    theirs.release();
  }
  return { distance: distance(plan, tape), plan, tape };
}

const layersOf = (...layers: Layer[]): Model => sequential({ layers });
const head = () => [flatten(), dense({ units: 3 })];

const models: Record<string, Case> = {
  'a multi-layer perceptron': { model: mlp({ hidden: [16, 9] }), inputShape: [7] },
  'a perceptron with dropout': { model: mlp({ hidden: [16, 8], dropout: 0.3 }), inputShape: [7] },
  'bytes': { model: mlp({ hidden: [8] }), inputShape: [5, 4, 1], bytes: true },
  'a small convolutional network': { model: cnn({ filters: [4, 6], size: 3, hidden: [10] }), inputShape: [12, 11, 2] },
  'convolutions with dropout and batch norm': { model: cnn({ filters: [4, 8], size: 5, hidden: [10], dropout: 0.2, batchNorm: true }), inputShape: [9, 9, 1] },
  'a stride of two': { model: layersOf(conv2d({ filters: 5, size: 3, stride: 2, activation: 'tanh' }), conv2d({ filters: 9, size: [2, 3], stride: [1, 2], padding: 'valid', activation: 'relu' }), ...head()), inputShape: [11, 10, 3] },
  'average pools': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'relu' }), averagePool({ size: 3, stride: 2, padding: 'same' }), conv2d({ filters: 4, size: 1 }), globalAveragePool(), dense({ units: 3 })), inputShape: [8, 9, 2] },
  'overlapping max pools': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'elu' }), maxPool({ size: 3, stride: 2, padding: 'same' }), ...head()), inputShape: [8, 9, 2] },
  'depthwise convolutions': { model: layersOf(depthwiseConv2d({ size: 3, multiplier: 2, activation: 'relu' }), conv2d({ filters: 6, size: 1, activation: 'relu' }), depthwiseConv2d({ size: 3, stride: 2 }), ...head()), inputShape: [8, 7, 3] },
  'residual blocks': { model: layersOf(dense({ units: 8, activation: 'relu' }), residual({ layers: [dense({ units: 8, activation: 'relu' })] }), residual({ layers: [dense({ units: 5, activation: 'relu' }), dense({ units: 6 })] }), activation({ of: 'relu' }), dense({ units: 3 })), inputShape: [4] },
  'a residual network': { model: resnet({ filters: [4, 6], blocks: 1 }), inputShape: [8, 8, 2] },
  'layer norm over an embedding': { model: layersOf(embedding({ vocabulary: 11, units: 6 }), positionEmbedding(), layerNorm(), dense({ units: 8, activation: 'gelu' }), dense({ units: 3 })), inputShape: [5], tokens: 11, positions: 5 },
  'a causal transformer': { model: transformer({ units: 8, blocks: 2, heads: 2, dropout: 0.1 }), inputShape: [7], width: 11, tokens: 11, positions: 7, optimizer: sgd({ learningRate: 0.02 }) },
  'attention to all positions, RMS norm': { model: transformer({ units: 12, blocks: 1, heads: 3, causal: false, norm: 'rms', activation: 'relu' }), inputShape: [5], width: 9, tokens: 9, positions: 5 },
  'attention over numbers, behind a relu': { model: layersOf(dense({ units: 6, activation: 'relu' }), attention({ heads: 1 }), flatten(), dense({ units: 3 })), inputShape: [4, 5] },
  'group norm': { model: layersOf(conv2d({ filters: 6, size: 3, activation: 'relu' }), groupNorm({ groups: 3 }), conv2d({ filters: 4, size: 2 }), groupNorm({ groups: 1, affine: false }), ...head()), inputShape: [5, 6, 2] },
  'instance norm': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'relu' }), instanceNorm(), activation({ of: 'relu' }), globalAveragePool(), dense({ units: 3 })), inputShape: [6, 5, 2] },
  'RMS norm and layer norm apart': { model: layersOf(dense({ units: 7, activation: 'relu' }), rmsNorm(), dense({ units: 6, activation: 'relu' }), layerNorm({ affine: false }), dense({ units: 3 })), inputShape: [5] },
  'sequences': { model: layersOf(conv1d({ filters: 6, size: 3, padding: 'causal', activation: 'relu' }), conv1d({ filters: 4, size: 2, stride: 2, activation: 'elu' }), conv1d({ filters: 5, size: 3, padding: 'valid' }), conv1d({ filters: 4, size: 1 }), ...head()), inputShape: [9, 4] },
  'causal strides': { model: layersOf(conv1d({ filters: 5, size: 4, stride: 3, padding: 'causal' }), conv1d({ filters: 3, size: 3, stride: 2 }), ...head()), inputShape: [11, 2] },
  'standardized kernels': { model: layersOf(standardizedConv2d({ filters: 8, size: 3, activation: 'relu' }), groupNorm({ groups: 2 }), standardizedConv2d({ filters: 5, size: 1, bias: false }), ...head()), inputShape: [6, 5, 3] },
  'dropped weights': { model: layersOf(dropConnect({ units: 9, rate: 0.4, activation: 'relu' }), dropConnect({ units: 6, rate: 0.2, bias: false, activation: 'tanh' }), dense({ units: 3 })), inputShape: [6] },
  'dropped channels': { model: layersOf(conv2d({ filters: 7, size: 3, activation: 'relu' }), spatialDropout({ rate: 0.4 }), conv2d({ filters: 5, size: 2 }), spatialDropout({ rate: 0.3 }), ...head()), inputShape: [5, 4, 2] },
  'alpha dropout': { model: layersOf(dense({ units: 9, activation: 'selu' }), alphaDropout({ rate: 0.2 }), dense({ units: 8, activation: 'relu' }), alphaDropout({ rate: 0.3 }), dense({ units: 3 })), inputShape: [5] },
  'normal noise': { model: layersOf(gaussianNoise({ stddev: 0.2 }), dense({ units: 8, activation: 'relu' }), gaussianDropout({ rate: 0.3 }), dense({ units: 7, activation: 'relu' }), gaussianNoise({ stddev: 0.1 }), dense({ units: 3 })), inputShape: [5] },
  'stochastic depth': { model: layersOf(conv2d({ filters: 4, size: 3, activation: 'relu' }), residual({ layers: [conv2d({ filters: 4, size: 3, activation: 'relu' }), stochasticDepth({ rate: 0.4 })] }), residual({ layers: [conv2d({ filters: 4, size: 3 }), stochasticDepth({ rate: 0.5, mode: 'batch' })] }), ...head()), inputShape: [5, 4, 2] },
  'a residual network of stochastic depth': { model: resnet({ filters: [4, 6], blocks: 2, stochasticDepth: 0.3 }), inputShape: [8, 8, 2], optimizer: sgd({ learningRate: 0.02 }) },
  'random features': { model: layersOf(randomProjection({ units: 12 }), dense({ units: 3 })), inputShape: [5] },
  'random features inside': { model: layersOf(dense({ units: 6, activation: 'relu' }), randomProjection({ units: 8, activation: 'tanh' }), dense({ units: 3 })), inputShape: [5] },
  'batch norm alone, Keras': { model: layersOf(dense({ units: 6, bias: false }), batchNorm({ convention: 'keras', affine: false }), activation({ of: 'sigmoid' }), dense({ units: 3 })), inputShape: [4] },
};
for (const name of ['leakyRelu', 'elu', 'selu', 'gelu', 'swish', 'sigmoid', 'tanh', 'softplus', 'linear'] as const) {
  models[`${name} inside and apart`] = { model: layersOf(dense({ units: 9, activation: name }), dense({ units: 7 }), activation({ of: name }), dense({ units: 3 })), inputShape: [4] };
}

describe('a plan trains as the tape does', () => {
  it.each(Object.keys(models))('%s', (name) => {
    const { distance, plan, tape } = follow(models[name]);
    expect(distance).toBeLessThan(1e-3);
    const examples = batchOf({ ...models[name], batch: 7 }, 1000);
    const [ours, theirs] = [plan.evaluate(examples), tape.evaluate(examples)];
    expect(ours.loss).toBeCloseTo(theirs.loss, 3);
    ours.outputs.forEach((v, i) => expect(Math.abs(v - theirs.outputs[i])).toBeLessThan(5e-3 * (1 + Math.abs(v))));
    plan.dispose();
    tape.dispose();
  });

  const optimizers: Record<string, Transformation> = {
    momentum: momentum({ learningRate: 0.02 }),
    nesterov: nesterov({ learningRate: 0.02 }),
    adam: adam({ learningRate: 0.003, eps: 1e-3 }),
    adamw: adamw({ learningRate: 0.003, eps: 1e-3, weightDecay: 0.1 }),
    amsgrad: amsgrad({ learningRate: 0.003, eps: 1e-3 }),
    'clipping and sgd': chain(clipByGlobalNorm(0.1), sgd({ learningRate: 0.1 })),
  };
  it.each(Object.keys(optimizers))('with %s', (name) => {
    const { distance, plan, tape } = follow({ model: mlp({ hidden: [13, 5] }), inputShape: [6], batch: 9, optimizer: optimizers[name] });
    expect(distance).toBeLessThan(1e-3);
    const [ours, theirs] = [plan.snapshot(), tape.snapshot()];
    expect(ours.optimizer.counts).toEqual(theirs.optimizer.counts);
    expect([...ours.optimizer.slots.keys()]).toEqual([...theirs.optimizer.slots.keys()]);
    plan.dispose();
    tape.dispose();
  });

  const losses: Record<string, Partial<Case>> = {
    'mean squared error': { objective: meanSquaredError() as Objective, kind: 'values' },
    'mean squared error of classes': { objective: meanSquaredError() as Objective },
    'soft targets': { kind: 'probabilities' },
    'label smoothing': { objective: softmaxCrossEntropy({ labelSmoothing: 0.2 }) as Objective },
    'class weights and smoothing': { objective: softmaxCrossEntropy({ labelSmoothing: 0.1, classWeights: [1, 0.5, 2] }) as Objective },
    'an L2 penalty': { regularizers: [l2(0.05)] },
    'L2 as Keras has it': { regularizers: [l2({ amount: 0.05, convention: 'keras' })] },
  };
  it.each(Object.keys(losses))('with %s', (name) => {
    const { distance, plan, tape } = follow({ model: mlp({ hidden: [13] }), inputShape: [6], ...losses[name] });
    expect(distance).toBeLessThan(1e-3);
    plan.dispose();
    tape.dispose();
  });
});

describe('from equal state a plan', () => {
  it.each(Object.keys(models))('has the gradients of the tape: %s', (name) => {
    const { plan, tape } = both(models[name]);
    for (let step = 0; step < 3; step++) {
      const batch = batchOf(models[name], step);
      const [ours, theirs] = [plan.step(batch), tape.step(batch)];
      const [a, b] = [ours, theirs].map((outcome) => outcome.view().gradients);
      const largest = Math.max(...Object.values(b).map((g) => tf.max(tf.abs(g)).dataSync()[0]));
      for (const [param, expected] of Object.entries(b)) expect([param, tf.max(tf.abs(tf.sub(expected, a[param]))).dataSync()[0] / largest < 2e-5]).toEqual([param, true]);
      ours.release();
      theirs.release();
      plan.restore(tape.snapshot());
    }
    plan.dispose();
    tape.dispose();
  });
});

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
    expect(planTrainer({ ...perceptron, regularizers: [l2((step: number) => 0.1 / (step + 1))] }, 'wasm')).toBe("no kernel computes the penalty 'l2' as it is set");
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
