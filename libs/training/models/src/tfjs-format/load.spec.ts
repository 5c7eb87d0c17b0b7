import * as tf from '@tensorflow/tfjs';
import { key } from '@gradstream/numerics';
import {
  apply, build, cnn, fromLayersModel, fromLayersModelArtifacts, initialize, mlp, resnet, toLayersModelArtifacts, type LoadedModel, type Model,
} from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

/** What a loaded model predicts, before its link. */
function predict({ model, inputShape, width, weights }: LoadedModel, inputs: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const params = Object.fromEntries([...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
    return apply(build(model, inputShape, width), params, inputs, { training: false, key: key(0) }).outputs;
  });
}

const worst = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => a.sub(b).abs().max().dataSync()[0]);

describe('fromLayersModel', () => {
  it('takes over a sequential model and leaves its softmax to the objective', () => {
    const stock = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, activation: 'relu', kernelRegularizer: 'l1l2' }),
        tf.layers.batchNormalization(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.depthwiseConv2d({ kernelSize: 2, padding: 'same', activation: 'elu' }),
        tf.layers.dropout({ rate: 0.3 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 6, activation: 'tanh', biasInitializer: 'randomNormal' }),
        tf.layers.layerNormalization(),
        tf.layers.dense({ units: 3, activation: 'softmax', name: 'head' }),
      ],
    });
    const loaded = fromLayersModel(stock);
    const inputs = tf.randomNormal([4, 8, 8, 2], 0, 1, 'float32', 1);
    expect(loaded.link).toBe('softmax');
    expect([loaded.inputShape, loaded.width]).toEqual([[8, 8, 2], 3]);
    expect([...loaded.weights.keys()].slice(-2)).toEqual(['head/kernel', 'head/bias']);
    expect(initialize(build(loaded.model, loaded.inputShape, 3), key(0))).toEqual(loaded.weights);
    expect(worst(tf.softmax(predict(loaded, inputs)), stock.predict(inputs) as tf.Tensor)).toBeLessThan(1e-6);
    stock.dispose();
  });

  it('takes over residual connections of a functional model, also with a projection', () => {
    const input = tf.input({ shape: [6, 6, 3] });
    const branch = tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(input) as tf.SymbolicTensor;
    const sum = tf.layers.add().apply([input, branch]) as tf.SymbolicTensor;
    const deep = tf.layers.conv2d({ filters: 5, kernelSize: 3, padding: 'same' }).apply(tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' }).apply(sum)) as tf.SymbolicTensor;
    const projected = tf.layers.conv2d({ filters: 5, kernelSize: 1, strides: 2, padding: 'same', useBias: false }).apply(sum) as tf.SymbolicTensor;
    const outputs = tf.layers.dense({ units: 1, activation: 'sigmoid' }).apply(tf.layers.globalAveragePooling2d({}).apply(tf.layers.add().apply([deep, projected]))) as tf.SymbolicTensor;
    const stock = tf.model({ inputs: input, outputs });
    const loaded = fromLayersModel(stock);
    const inputs = tf.randomNormal([4, 6, 6, 3], 0, 1, 'float32', 1);
    expect(loaded.link).toBe('sigmoid');
    expect(worst(tf.sigmoid(predict(loaded, inputs)), stock.predict(inputs) as tf.Tensor)).toBeLessThan(1e-6);
    stock.dispose();
  });

  it.each<[string, () => tf.LayersModel, string]>([
    ['a recurrent layer', () => tf.sequential({ layers: [tf.layers.gru({ units: 2, inputShape: [3, 4], name: 'memory' })] }), "fromLayersModel: 'memory' (GRU): it has no counterpart here"],
    ['an unknown activation', () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'mish', name: 'd' }), tf.layers.dense({ units: 2 })] }), `fromLayersModel: 'd' (Dense): its activation "mish" has no counterpart here`],
    ['a softmax in the middle', () => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'softmax', name: 'd' }), tf.layers.dense({ units: 2 })] }), `fromLayersModel: 'd' (Dense): its activation "softmax" has no counterpart here`],
    ['dilation', () => tf.sequential({ layers: [tf.layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, inputShape: [8, 8, 1], name: 'c' })] }), "fromLayersModel: 'c' (Conv2D): its dilation has no counterpart here"],
    ['sizes that are not known', () => tf.sequential({ layers: [tf.layers.conv2d({ filters: 2, kernelSize: 3, batchInputShape: [null, null, null, 1], name: 'c' })] }), "must have a known input shape, received [null,null,null,1]"],
  ])('refuses %s', (_, make, sentence) => {
    const stock = make();
    expect(() => fromLayersModel(stock)).toThrow(sentence);
    stock.dispose();
  });
});

describe('fromLayersModelArtifacts', () => {
  it.each<[string, Model, number[]]>([
    ['mlp', mlp({ hidden: [6], batchNorm: true, dropout: 0.1 }), [4]],
    ['cnn', cnn(), [8, 8, 1]],
    ['resnet', resnet({ filters: [4, 8], stochasticDepth: 0.2 }), [8, 8, 2]],
  ])('reads back what was saved of %s', (_, model, inputShape) => {
    const built = build(model, inputShape, 3);
    const weights = initialize(built, key(4));
    const loaded = fromLayersModelArtifacts(toLayersModelArtifacts(built, weights));
    const inputs = tf.randomNormal([4, ...inputShape], 0, 1, 'float32', 1);
    expect(worst(predict(loaded, inputs), predict({ model, inputShape, width: 3, weights, link: 'identity' }, inputs))).toBeLessThan(1e-6);
    expect([...loaded.weights.values()].map(({ values }) => values)).toEqual([...weights.values()].map(({ values }) => values));
  });

  it('refuses weights that end early or are not float32', () => {
    const built = build(mlp({ hidden: [] }), [4], 3);
    const artifacts = toLayersModelArtifacts(built, initialize(built, key(4)));
    expect(() => fromLayersModelArtifacts({ ...artifacts, weightData: artifacts.weightData.slice(0, 50) })).toThrow("fromLayersModelArtifacts: the weights end before 'output/bias'");
    expect(() => fromLayersModelArtifacts({ ...artifacts, weightSpecs: artifacts.weightSpecs.map((spec) => ({ ...spec, dtype: 'int32' })) })).toThrow("fromLayersModelArtifacts: weight 'output/kernel' must be float32, received int32");
    expect(() => fromLayersModelArtifacts({ modelTopology: {} })).toThrow('fromLayersModel: expected a layers model, received something without layers');
  });
});
