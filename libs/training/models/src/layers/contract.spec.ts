import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { buildFrom, fold, key, normals, sizeOf, specOf } from '@gradstream/numerics';
import * as doors from '../index.ts';
import { apply, build, initialize, type BuiltModel, type Layer } from '../index.ts';
import {
  activation, alphaDropout, attention, averagePool, batchNorm, conv1d, conv2d, depthwiseConv2d, dropConnect, dropout, embedding, flatten, gaussianDropout, gaussianNoise,
  globalAveragePool, groupNorm, instanceNorm, layerNorm, maxPool, positionEmbedding, randomProjection, residual, rmsNorm, spatialDropout, standardizedConv2d, stochasticDepth,
} from '../index.ts';

tf.enableProdMode();
beforeAll(() => tf.setBackend('cpu'));

const { layers, dense } = doors;

interface Example {
  readonly layer: Layer;
  readonly inputShape: readonly number[];
  /** Inputs are tokens below this number. */
  readonly tokens?: number;
  /** Draws in training. */
  readonly random?: boolean;
}

const image = [6, 5, 3];
const examples: readonly Example[] = [
  { layer: dense({ units: 4, activation: 'tanh' }), inputShape: [3] },
  { layer: dense({ units: 4, bias: false, kernelInit: 'orthogonal' }), inputShape: [5, 3] },
  { layer: conv2d({ filters: 4, size: 3, activation: 'swish' }), inputShape: image },
  { layer: conv2d({ filters: 2, size: [2, 3], stride: [2, 1], padding: 'valid', as: 'stem' }), inputShape: image },
  { layer: maxPool(), inputShape: image },
  { layer: averagePool({ size: 3, stride: 2, padding: 'same' }), inputShape: image },
  { layer: globalAveragePool(), inputShape: image },
  { layer: globalAveragePool(), inputShape: [5, 3] },
  { layer: flatten(), inputShape: image },
  ...(Object.keys(doors.activations) as doors.Activation[]).map((of) => ({ layer: activation({ of }), inputShape: [7] })),
  { layer: dropout({ rate: 0.3 }), inputShape: [7], random: true },
  { layer: batchNorm(), inputShape: [3] },
  { layer: batchNorm({ convention: 'keras', affine: false }), inputShape: image },
  { layer: batchNorm({ momentum: 'cumulative' }), inputShape: [3] },
  { layer: conv1d({ filters: 4, size: 3, stride: 2 }), inputShape: [7, 3] },
  { layer: conv1d({ filters: 2, size: 3, padding: 'valid', bias: false }), inputShape: [7, 3] },
  { layer: conv1d({ filters: 2, size: 2, padding: 'causal', activation: 'tanh' }), inputShape: [5, 3] },
  { layer: depthwiseConv2d({ size: 3, multiplier: 2 }), inputShape: image },
  { layer: depthwiseConv2d({ size: 3, stride: 2, padding: 'valid', bias: false, activation: 'tanh' }), inputShape: image },
  { layer: standardizedConv2d({ filters: 2, size: 3, activation: 'swish' }), inputShape: image },
  { layer: embedding({ vocabulary: 9, units: 4 }), inputShape: [6], tokens: 9 },
  { layer: positionEmbedding(), inputShape: [5, 3] },
  { layer: attention({ heads: 2 }), inputShape: [5, 4] },
  { layer: attention({ heads: 1, causal: true, kernelInit: 'heNormal' }), inputShape: [5, 4] },
  { layer: randomProjection({ units: 5, activation: 'tanh' }), inputShape: [3] },
  { layer: layerNorm(), inputShape: [4] },
  { layer: layerNorm({ affine: false, eps: 1e-3 }), inputShape: [5, 4] },
  { layer: groupNorm({ groups: 2 }), inputShape: [3, 2, 4] },
  { layer: groupNorm({ groups: 1, affine: false }), inputShape: [6] },
  { layer: instanceNorm(), inputShape: image },
  { layer: rmsNorm(), inputShape: [5, 4] },
  { layer: spatialDropout({ rate: 0.4 }), inputShape: image, random: true },
  { layer: alphaDropout({ rate: 0.3 }), inputShape: [7], random: true },
  { layer: gaussianDropout({ rate: 0.3 }), inputShape: [7], random: true },
  { layer: gaussianNoise({ stddev: 0.3 }), inputShape: [7], random: true },
  { layer: dropConnect({ units: 4, rate: 0.5, activation: 'tanh' }), inputShape: [3], random: true },
  { layer: stochasticDepth({ rate: 0.5 }), inputShape: image, random: true },
  { layer: stochasticDepth({ rate: 0.5, mode: 'batch' }), inputShape: [3], random: true },
  { layer: residual({ layers: [dense({ units: 3, activation: 'tanh' })] }), inputShape: [3] },
  { layer: residual({ layers: [conv2d({ filters: 4, size: 3, stride: 2 }), batchNorm(), activation({ of: 'softplus' }), conv2d({ filters: 4, size: 3 })] }), inputShape: image },
];

/** A built model of one layer; whatever its output, its width fits. */
function alone(layer: Layer, inputShape: readonly number[]): BuiltModel {
  const model = { name: 'alone', layers: () => [layer] };
  const probe = { name: 'probe', layers: () => [layer, doors.flatten(), dense({ units: 1 })] };
  const built = build(probe, inputShape, 1);
  return { ...built, model, layers: built.layers.slice(0, 1), outputShape: built.layers[0].outputShape, params: [...built.layers[0].params, ...(built.layers[0].inner ?? []).flatMap((inner) => inner.params)] };
}

const random = (seed: number, shape: readonly number[]) => tf.tensor(normals(key(seed), sizeOf(shape)), [...shape]);

/** All params moved away from their first values, so that no gradient vanishes by symmetry. */
const someParams = (built: BuiltModel): Record<string, tf.Tensor> =>
  Object.fromEntries([...initialize(built, key(1))].map(([name, { shape, values }], i) => {
    const noise = normals(key(100 + i), values.length);
    return [name, tf.tensor(values.map((v, j) => v + (name.endsWith('batches') ? 0 : 0.1 * Math.abs(noise[j]))), [...shape])];
  }));

const someInputs = (example: (typeof examples)[number]) =>
  example.tokens ? tf.tensor(Int32Array.from({ length: 4 * sizeOf(example.inputShape) }, (_, i) => (i * 7) % example.tokens!), [4, ...example.inputShape], 'int32') : random(2, [4, ...example.inputShape]);

it('every layer of the index is in the registry, and every one of the registry has an example', () => {
  const exported = Object.entries(doors).filter(([, value]) => typeof value === 'function' && 'factoryName' in value && !(value.factoryName as string in doors.models)).map(([name]) => name);
  expect(Object.keys(layers).sort()).toEqual(exported.sort());
  expect([...new Set(examples.map(({ layer }) => layer.kind))].sort()).toEqual(Object.keys(layers).sort());
});

describe.each(examples.map((example) => [JSON.stringify(specOf(example.layer)).slice(0, 90), example] as const))('%s', (_, example) => {
  const built = alone(example.layer, example.inputShape);
  const mode = (training: boolean) => ({ training, key: fold(key(3), 5) });

  it('gives the shape it announced', () => {
    tf.tidy(() => {
      const { outputs } = apply(built, someParams(built), someInputs(example), mode(false));
      expect(outputs.shape.slice(1)).toEqual([...built.outputShape]);
      expect([...outputs.dataSync()].every(Number.isFinite)).toBe(true);
    });
  });

  it.each([true, false])('has the gradient that finite differences see, training %s', (training) => {
    tf.tidy(() => {
      const params = someParams(built);
      const trained = built.params.filter(({ role }) => role !== 'buffer').map(({ name }) => name);
      const inputs = someInputs(example);
      const weights = random(9, [4, ...built.outputShape]);
      const score = (x: tf.Tensor, ...values: tf.Tensor[]) => {
        const given = { ...params, ...Object.fromEntries(trained.map((name, i) => [name, values[i]])) };
        return tf.sum(tf.mul(apply(built, given, x, mode(training)).outputs, weights)) as tf.Scalar;
      };
      const point = [inputs, ...trained.map((name) => params[name])];
      const differentiable = point.map((_, i) => i).filter((i) => i > 0 || !example.tokens);
      const gradients = differentiable.length === 0 ? [] : tf.grads((...moving: tf.Tensor[]) => score(...(point.map((p, i) => moving[differentiable.indexOf(i)] ?? p) as [tf.Tensor])))(differentiable.map((i) => point[i]));

      differentiable.forEach((i, at) => {
        for (let trial = 0; trial < 2; trial++) {
          const direction = random(20 + 10 * trial + i, point[i].shape);
          const moved = (h: number) => score(...(point.map((p, j) => (j === i ? tf.add(p, tf.mul(direction, h)) : p)) as [tf.Tensor])).dataSync()[0];
          const h = 4e-3;
          const measured = (moved(h) - moved(-h)) / (2 * h);
          const told = tf.sum(tf.mul(gradients[at], direction)).dataSync()[0];
          const size = tf.norm(gradients[at]).dataSync()[0] * tf.norm(direction).dataSync()[0];
          expect(Math.abs(measured - told)).toBeLessThan(2e-3 * size + 2e-3);
        }
      });
    });
  });

  it('draws the same for the same step, and nothing in evaluation', () => {
    tf.tidy(() => {
      const params = someParams(built);
      const inputs = someInputs(example);
      const run = (training: boolean, step: number) => [...apply(built, params, inputs, { training, key: fold(key(3), step) }).outputs.dataSync()];
      expect(run(true, 1)).toEqual(run(true, 1));
      expect(run(false, 1)).toEqual(run(false, 2));
      if (example.random) expect(new Set([1, 2, 3, 4, 5, 6].map((step) => run(true, step).join())).size).toBeGreaterThan(1);
      else expect(run(true, 1)).toEqual(run(true, 2));
    });
  });

  it('leaves no tensor behind', () => {
    const params = someParams(built);
    const inputs = someInputs(example);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 3; step++) tf.tidy(() => void apply(built, params, inputs, { training: true, key: key(step) }));
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([inputs, ...Object.values(params)]);
  });

  it('comes back from its document', () => {
    const spec = specOf(example.layer)!;
    expect(buildFrom<Layer>({ layer: layers }, 'layer', JSON.parse(JSON.stringify(spec)), 'layer')).toEqual(example.layer);
  });
});
