import * as tf from '@tensorflow/tfjs';
import { fold, InputError, key, normals, sizeOf, type Weights } from '@gradstream/numerics';
import { apply, build, cnn, cnnSmall, dense, initialize, layersModelFiles, mlp, sequential, toLayersModelArtifacts, type BuiltModel, type Model } from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

/** Weights away from their first values, running variances above 0. */
const someWeights = (built: BuiltModel): Weights =>
  new Map([...initialize(built, key(1))].map(([name, { shape, values }]) => {
    const noise = normals(fold(key(2), name), values.length);
    return [name, { shape, values: values.map((v, i) => v + 0.1 * Math.abs(noise[i])) }];
  }));

async function difference(built: BuiltModel, weights: Weights): Promise<number> {
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(toLayersModelArtifacts(built, weights)));
  const params = Object.fromEntries([...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
  const inputs = tf.tensor(normals(key(5), 3 * sizeOf(built.inputShape)), [3, ...built.inputShape]);
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
