import * as tf from '@tensorflow/tfjs';
import { fold, InputError, key, normals, sizeOf, type Weights } from '@gradstream/numerics';
import {
  activation, activations, alphaDropout, apply, attention, averagePool, batchNorm, build, cnn, cnnSmall, conv1d, defineLayer, dense, depthwiseConv2d, dropConnect, dropout, flatten, gaussianDropout,
  gaussianNoise, globalAveragePool, groupNorm, initialize, instanceNorm, layerNorm, layers, layersModelFiles, linear, maxPool, mlp, randomFeatures, residual, resnet, rmsNorm, sequential,
  spatialDropout, standardizedConv2d, toLayersModelArtifacts, transformer, type Activation, type BuiltModel, type Layer, type Model,
} from '../index.ts';
import { savers } from './savers.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

/** Weights away from their first values, running variances above 0. */
const someWeights = (built: BuiltModel): Weights =>
  new Map([...initialize(built, key(1))].map(([name, { shape, values }]) => {
    const noise = normals(fold(key(2), name), values.length);
    return [name, { shape, values: values.map((v, i) => v + 0.1 * Math.abs(noise[i])) }];
  }));

/** A model around one layer that ends in 5 numbers. */
const around = (...layers: Layer[]) => sequential({ layers: [...layers, flatten(), dense({ units: 5 })] });
const image = [6, 4, 8];

async function difference(built: BuiltModel, weights: Weights): Promise<number> {
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(toLayersModelArtifacts(built, weights)));
  const params = Object.fromEntries([...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  const size = 3 * sizeOf(built.inputShape);
  const tokens = built.layers[0].layer.kind === 'embedding';
  const inputs = tokens ? tf.tensor(Int32Array.from({ length: size }, (_, i) => (i * 3) % 5), [3, ...built.inputShape], 'int32') : tf.tensor(normals(key(5), size), [3, ...built.inputShape]);
  const ours = tf.tidy(() => apply(built, params, inputs, { training: false, key: key(0) }).outputs);
  const theirs = loaded.predict(inputs) as tf.Tensor;
  const scale = Math.max(1, ours.abs().max().dataSync()[0]);
  const worst = tf.tidy(() => ours.sub(theirs).abs().max()).dataSync()[0] / scale;
  expect(theirs.shape).toEqual(ours.shape);
  tf.dispose([inputs, ours, theirs, params]);
  loaded.dispose();
  return worst;
}

it.each<[string, Model, number[]]>([
  ['mlp', mlp({ hidden: [16, 8], dropout: 0.2 }), [4, 4, 1]],
  ['mlp with batch normalization', mlp({ hidden: [16], batchNorm: true, activation: 'leakyRelu' }), [7]],
  ['cnn', cnn({ hidden: [8] }), [12, 12, 1]],
  ['cnn-s with everything', cnnSmall({ dropout: 0.5, batchNorm: true }), [9, 7, 3]],
  ['resnet', resnet({ filters: [4, 8], stochasticDepth: 0.2 }), [9, 8, 3]],
  ['resnet with group normalization', resnet({ filters: [8, 16], norm: 'group' }), [8, 8, 3]],
  ['a transformer', transformer({ units: 8, heads: 2, dropout: 0.1 }), [6]],
  ['one head that sees all', around(attention({ heads: 1 })), [6, 4]],
  ['random features', randomFeatures({ features: 12 }), [6]],
  ['linear', linear({ kernelInit: 'glorotUniform' }), [6]],
  ['sequences of convolutions', around(conv1d({ filters: 4, size: 3, padding: 'causal' }), conv1d({ filters: 4, size: 2, stride: 2, activation: 'gelu' }), globalAveragePool()), [9, 3]],
  ['depthwise convolutions', around(depthwiseConv2d({ size: 3, multiplier: 2, stride: 2 }), standardizedConv2d({ filters: 3, size: [1, 3], activation: 'leakyRelu' })), image],
  ['pools', around(maxPool({ size: 3, stride: 2, padding: 'same' }), averagePool({ size: 2, stride: 1, padding: 'same' })), image],
  ['normalizations', around(layerNorm({ eps: 1e-3 }), rmsNorm(), instanceNorm({ affine: false }), groupNorm({ groups: 4 }), batchNorm({ convention: 'keras', affine: false })), image],
  ['noise', around(dropout({ rate: 0.1 }), spatialDropout({ rate: 0.1 }), alphaDropout({ rate: 0.1 }), gaussianDropout({ rate: 0.1 }), gaussianNoise({ stddev: 1 }), dropConnect({ units: 4, rate: 0.5 })), [5, 3]],
  ['a residual of vectors', around(residual({ layers: [dense({ units: 7, activation: 'tanh' })] }), residual({ layers: [activation({ of: 'leakyRelu' })] })), [4]],
  ...(Object.keys(activations) as Activation[]).map((of): [string, Model, number[]] => [of, around(activation({ of })), [4]]),
])('stock tfjs loads %s and predicts the same', async (_, model, inputShape) => {
  const built = build(model, inputShape, 5);
  expect(await difference(built, someWeights(built))).toBeLessThan(1e-6);
});

it('writes files that hold the same as the artifacts', () => {
  const built = build(mlp({ hidden: [4] }), [3], 2);
  const weights = someWeights(built);
  const files = layersModelFiles(built, weights);
  const json = JSON.parse(new TextDecoder().decode(files['model.json'])) as { format: string; modelTopology: object; weightsManifest: { paths: string[]; weights: unknown[] }[] };
  const artifacts = toLayersModelArtifacts(built, weights);
  expect(json.format).toBe('layers-model');
  expect(json.modelTopology).toEqual(artifacts.modelTopology);
  expect(json.weightsManifest).toEqual([{ paths: ['weights.bin'], weights: artifacts.weightSpecs }]);
  expect(new Float32Array(files['weights.bin'].buffer)).toEqual(new Float32Array(artifacts.weightData));
});

it('refuses weights that do not fit', () => {
  const built = build(sequential({ layers: [dense({ units: 2 })] }), [3], 2);
  expect(() => toLayersModelArtifacts(built, new Map())).toThrow(new InputError("toLayersModelArtifacts: 'dense1/kernel' is missing; 'dense1/bias' is missing"));
});

it('knows every layer, and refuses what somebody defined', () => {
  expect(Object.keys(savers).sort()).toEqual(Object.keys(layers).sort());
  const twice = defineLayer({ kind: 'twiceForTest', options: {}, defaults: {}, outputShape: (_, shape) => shape, params: () => [], apply: (_, x) => tf.mul(x, 2) });
  const built = build(around(twice()), [4], 5);
  expect(() => toLayersModelArtifacts(built, someWeights(built))).toThrow("toLayersModelArtifacts: twiceForTest1: no layer of TensorFlow.js does what 'twiceForTest' does; save the weights instead");
});
