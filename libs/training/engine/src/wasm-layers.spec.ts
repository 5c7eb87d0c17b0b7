import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import './wasm.ts';
import { integerAt, key, normals, sizeOf } from '@gradstream/numerics';
import {
  activation, alphaDropout, apply, attention, averagePool, batchNorm, build, conv1d, conv2d, dense, depthwiseConv2d, dropConnect, dropout, embedding, flatten, gaussianDropout, gaussianNoise,
  globalAveragePool, groupNorm, initialize, instanceNorm, layerNorm, layers, maxPool, positionEmbedding, randomProjection, residual, rmsNorm, sequential, spatialDropout, standardizedConv2d,
  stochasticDepth, type BuiltLayer, type Layer,
} from '@gradstream/models';

tf.enableProdMode();

const image = [6, 6, 4];
const models: Record<string, { readonly inputShape: readonly number[]; readonly tokens?: number; readonly layers: readonly Layer[] }> = {
  images: { inputShape: image, layers: [conv2d({ filters: 8, size: 3 }), batchNorm(), activation({ of: 'relu' }), maxPool(), spatialDropout({ rate: 0.3 }), conv2d({ filters: 4, size: 2, stride: 2, activation: 'tanh' }), flatten(), dropout({ rate: 0.3 }), dense({ units: 3 })] },
  'channels apart': { inputShape: image, layers: [depthwiseConv2d({ size: 3, multiplier: 2 }), groupNorm({ groups: 2 }), averagePool({ size: 3, stride: 2, padding: 'same' }), standardizedConv2d({ filters: 4, size: 2 }), instanceNorm(), activation({ of: 'softplus' }), globalAveragePool(), dense({ units: 3 })] },
  residuals: { inputShape: image, layers: [residual({ layers: [conv2d({ filters: 6, size: 3, stride: 2 }), batchNorm({ convention: 'keras' }), activation({ of: 'swish' }), stochasticDepth({ rate: 0.4 })] }), flatten(), dropConnect({ units: 5, rate: 0.3, activation: 'selu' }), alphaDropout({ rate: 0.2 }), dense({ units: 3 })] },
  tokens: { inputShape: [7], tokens: 9, layers: [embedding({ vocabulary: 9, units: 8 }), positionEmbedding(), residual({ layers: [layerNorm(), attention({ heads: 2, causal: true })] }), residual({ layers: [rmsNorm(), dense({ units: 12, activation: 'gelu' }), dense({ units: 8 })] }), dense({ units: 3 })] },
  sequences: { inputShape: [9, 4], layers: [gaussianNoise({ stddev: 0.1 }), conv1d({ filters: 6, size: 3, padding: 'causal', activation: 'elu' }), conv1d({ filters: 4, size: 2, stride: 2 }), gaussianDropout({ rate: 0.2 }), flatten(), randomProjection({ units: 8 }), dense({ units: 3 })] },
};

const kinds = (built: readonly BuiltLayer[]): string[] => built.flatMap(({ layer, inner = [] }) => [layer.kind, ...kinds(inner)]);

it('covers every layer', () => {
  const covered = Object.values(models).flatMap(({ layers, inputShape }) => kinds(build(sequential({ layers }), inputShape, 3).layers));
  expect([...new Set(covered)].sort()).toEqual(Object.keys(layers).sort());
});

it.each(Object.entries(models))('%s: outputs, statistics and gradients are those of the cpu backend, with the same masks', async (_, { inputShape, tokens, layers }) => {
  const built = build(sequential({ layers }), inputShape, 3);
  const weights = initialize(built, key(1));
  const trained = built.params.filter(({ role }) => role !== 'buffer').map(({ name }) => name);

  const on = async (backend: 'cpu' | 'wasm', training: boolean): Promise<Map<string, Float32Array>> => {
    await tf.setBackend(backend);
    const result = new Map<string, Float32Array>();
    tf.tidy(() => {
      const params = Object.fromEntries([...weights].map(([name, { shape, values }]) => [name, tf.tensor(values.slice(), [...shape])]));
      const size = 5 * sizeOf(inputShape);
      const inputs = tokens ? tf.tensor(Int32Array.from({ length: size }, (_, i) => integerAt(key(2), i, tokens)), [5, ...inputShape], 'int32') : tf.tensor(normals(key(2), size), [5, ...inputShape]);
      const score = (...values: tf.Tensor[]): tf.Scalar => {
        const { outputs, buffers } = apply(built, { ...params, ...Object.fromEntries(trained.map((name, i) => [name, values[i]])) }, inputs, { training, key: key(3) });
        result.set('outputs', outputs.dataSync<'float32'>().slice());
        for (const [name, value] of Object.entries(buffers)) result.set(name, value.dataSync<'float32'>().slice());
        return tf.sum(tf.square(outputs));
      };
      const { grads } = tf.valueAndGrads(score)(trained.map((name) => params[name]));
      grads.forEach((gradient, i) => result.set(`gradient of ${trained[i]}`, gradient.dataSync<'float32'>().slice()));
    });
    return result;
  };

  for (const training of [true, false]) {
    const [cpu, wasm] = [await on('cpu', training), await on('wasm', training)];
    expect([...wasm.keys()]).toEqual([...cpu.keys()]);
    const largest = Math.max(...[...cpu.values()].flatMap((values) => [...values.map(Math.abs)]));
    for (const [name, expected] of cpu) {
      // Some gradients are rounding alone (of a bias before a normalization): they are measured by the others.
      const scale = Math.max(0.01 * largest, ...expected.map(Math.abs));
      const worst = Math.max(...expected.map((value, i) => Math.abs(value - wasm.get(name)![i]))) / scale;
      expect([name, worst < 1e-4 ? 'equal' : worst]).toEqual([name, 'equal']);
    }
  }
});
