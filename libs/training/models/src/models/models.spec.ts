import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, key, specOf } from '@gradstream/numerics';
import { apply, build, cnn, cnnSmall, initialize, layers, mlp, models, sequential, type Model } from '../index.ts';
import { dense } from '../layers/dense.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const shapes = (model: Model, inputShape: number[], width: number) => Object.fromEntries(build(model, inputShape, width).params.map(({ name, shape }) => [name, shape.join('x')]));

const all: Record<string, { model: Model; inputShape: number[] }> = {
  sequential: { model: sequential({ layers: [dense({ units: 3 })] }), inputShape: [5] },
  mlp: { model: mlp({ hidden: [8, 6], dropout: 0.2, batchNorm: true }), inputShape: [4, 4, 1] },
  cnn: { model: cnn({ batchNorm: true, hidden: [5], dropout: 0.1 }), inputShape: [8, 8, 1] },
  'cnn-s': { model: cnnSmall({ dropout: 0.5, batchNorm: true }), inputShape: [8, 8, 3] },
};

it('tests every model of the registry', () => expect(Object.keys(all).sort()).toEqual(Object.keys(models).sort()));

describe.each(Object.entries(all))('%s', (_, { model, inputShape }) => {
  it('turns a batch into logits and leaves no tensor behind', () => {
    const built = build(model, inputShape, 3);
    const params = Object.fromEntries([...initialize(built, key(1))].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
    const before = tf.memory().numTensors;
    for (const training of [true, false]) {
      tf.tidy(() => {
        const { outputs, buffers } = apply(built, params, tf.ones([2, ...inputShape]), { training, key: key(2) });
        expect(outputs.shape).toEqual([2, 3]);
        expect(Object.keys(buffers)).toEqual(training ? built.params.filter(({ role }) => role === 'buffer').map(({ name }) => name) : []);
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
