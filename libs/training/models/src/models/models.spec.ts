import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, key, specOf } from '@gradstream/numerics';
import { apply, build, cnn, cnnSmall, initialize, layers, linear, mlp, models, randomFeatures, resnet, sequential, transformer, type Model } from '../index.ts';
import { dense } from '../layers/dense.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const shapes = (model: Model, inputShape: number[], width: number) => Object.fromEntries(build(model, inputShape, width).params.map(({ name, shape }) => [name, shape.join('x')]));

const all: Record<string, { model: Model; inputShape: number[]; outputShape?: number[] }> = {
  sequential: { model: sequential({ layers: [dense({ units: 3 })] }), inputShape: [5] },
  mlp: { model: mlp({ hidden: [8, 6], dropout: 0.2, batchNorm: true }), inputShape: [4, 4, 1] },
  cnn: { model: cnn({ batchNorm: true, hidden: [5], dropout: 0.1 }), inputShape: [8, 8, 1] },
  linear: { model: linear(), inputShape: [4, 4, 1] },
  resnet: { model: resnet({ filters: [4, 8], blocks: 2, stochasticDepth: 0.3 }), inputShape: [8, 8, 3] },
  transformer: { model: transformer({ units: 8, heads: 2, dropout: 0.1 }), inputShape: [5], outputShape: [5, 3] },
  randomFeatures: { model: randomFeatures({ features: 20 }), inputShape: [4] },
  'cnn-s': { model: cnnSmall({ dropout: 0.5, batchNorm: true }), inputShape: [8, 8, 3] },
};

it('tests every model of the registry', () => expect(Object.keys(all).sort()).toEqual(Object.keys(models).sort()));

describe.each(Object.entries(all))('%s', (_, { model, inputShape, outputShape = [3] }) => {
  it('turns a batch into logits and leaves no tensor behind', () => {
    const built = build(model, inputShape, 3);
    const params = Object.fromEntries([...initialize(built, key(1))].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
    const before = tf.memory().numTensors;
    for (const training of [true, false]) {
      tf.tidy(() => {
        const { outputs, buffers } = apply(built, params, tf.ones([2, ...inputShape]), { training, key: key(2) });
        expect(outputs.shape).toEqual([2, ...outputShape]);
        expect(Object.keys(buffers)).toEqual(training ? built.params.filter(({ name }) => /\/(mean|variance)$/.test(name)).map(({ name }) => name) : []);
      });
    }
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(params);
  });

  it('comes back from its document', () => {
    const again = buildFrom<Model>({ model: models, layer: layers }, 'model', JSON.parse(JSON.stringify(specOf(model))), 'model');
    expect(again.layers(inputShape, 3)).toEqual(model.layers(inputShape, 3));
  });
});

it('mlp is dense layers by name, the last as wide as the targets', () => {
  expect(shapes(mlp({ hidden: [128, 64] }), [28, 28, 1], 10)).toEqual({
    'hidden1/kernel': '784x128', 'hidden1/bias': '128', 'hidden2/kernel': '128x64', 'hidden2/bias': '64', 'output/kernel': '64x10', 'output/bias': '10',
  });
});

it("cnn-s is the recipes' network", () => {
  expect(shapes(cnnSmall(), [28, 28, 1], 10)).toEqual({
    'conv1/kernel': '5x5x1x16', 'conv1/bias': '16', 'conv2/kernel': '3x3x16x32', 'conv2/bias': '32',
    'hidden1/kernel': '1568x64', 'hidden1/bias': '64', 'output/kernel': '64x10', 'output/bias': '10',
  });
});

it('cnn is convolutions with pools and an output', () => {
  expect(shapes(cnn(), [28, 28, 1], 10)).toEqual({
    'conv1/kernel': '5x5x1x8', 'conv1/bias': '8', 'conv2/kernel': '5x5x8x16', 'conv2/bias': '16', 'output/kernel': '784x10', 'output/bias': '10',
  });
});

it('a causal transformer says nothing about what comes before from what comes later', () => {
  const built = build(transformer({ units: 8, heads: 2 }), [6], 5);
  const params = Object.fromEntries([...initialize(built, key(1))].map(([name, { shape, values }]) => [name, tf.tensor(values.map((v) => v * 3), [...shape])]));
  const logits = (tokens: number[]) => tf.tidy(() => [...apply(built, params, tf.tensor2d([tokens], [1, 6], 'int32'), { training: false, key: key(0) }).outputs.dataSync()]);
  const [one, other] = [logits([0, 1, 2, 3, 4, 0]), logits([0, 1, 2, 4, 4, 0])];
  expect(one.slice(0, 15)).toEqual(other.slice(0, 15));
  expect(one.slice(15, 20)).not.toEqual(other.slice(15, 20));
  tf.dispose(params);
});

it('resnet halves the image from stage to stage and drops blocks with rising rates', () => {
  const { layers } = build(resnet({ filters: [4, 8], blocks: 2, stochasticDepth: 0.4 }), [8, 8, 3], 3);
  const blocks = layers.filter(({ layer }) => layer.kind === 'residual');
  expect(blocks.map(({ outputShape }) => outputShape)).toEqual([[8, 8, 4], [8, 8, 4], [4, 4, 8], [4, 4, 8]]);
  expect(blocks.map(({ inner }) => inner!.at(-1)!.layer.rate)).toEqual([0.1, 0.2, expect.closeTo(0.3), 0.4]);
});
