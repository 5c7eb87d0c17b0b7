import * as tf from '@tensorflow/tfjs';
import { key, normals, sizeOf } from '@gradstream/numerics';
import { adam, addDecayedWeights, chain, clipByGlobalNorm, masked, momentum, scaleByLearningRate, sam, sgd, type Transformation } from '@gradstream/optimizers';
import './wasm.ts';
import { tfOptimizer } from './tf-optimizer.ts';

tf.enableProdMode();

const numbers = (shape: readonly number[], seed: number): tf.Tensor => tf.tensor(normals(key(seed), sizeOf(shape)), [...shape]);

/** Weights of a small network after some steps of `model.fit`. */
async function fitted(optimizer: tf.Optimizer): Promise<Float32Array[]> {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 7, activation: 'relu', inputShape: [5] }), tf.layers.dense({ units: 3 })] });
  model.setWeights(model.getWeights().map(({ shape }, i) => numbers(shape as number[], i)));
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const [x, y] = [numbers([24, 5], 10), numbers([24, 3], 11)];
  await model.fit(x, y, { epochs: 4, batchSize: 6, shuffle: false, verbose: 0 });
  const weights = model.getWeights().map((weight) => weight.dataSync<'float32'>().slice());
  model.dispose();
  tf.dispose([x, y]);
  return weights;
}

const distance = (a: readonly Float32Array[], b: readonly Float32Array[]): number => Math.max(...a.flatMap((values, i) => Array.from(values, (v, j) => Math.abs(v - b[i][j]))));

describe.each(['wasm', 'cpu'])('on %s', (backend) => {
  beforeAll(async () => void (await tf.setBackend(backend)));

  it.each<[string, () => Transformation, () => tf.Optimizer]>([
    ['sgd', () => sgd({ learningRate: 0.05 }), () => tf.train.sgd(0.05)],
    ['momentum', () => momentum({ learningRate: 0.05, momentum: 0.9 }), () => tf.train.momentum(0.05, 0.9)],
    ['adam', () => adam({ learningRate: 0.05, eps: 1e-7 }), () => tf.train.adam(0.05, 0.9, 0.999, 1e-7)],
  ])('trains model.fit as the %s of TensorFlow.js does', async (_, ours, theirs) => {
    expect(distance(await fitted(tfOptimizer(ours())), await fitted(theirs()))).toBeLessThan(2e-4);
  });

  it('takes chains, masks and schedules, by the roles of Keras’s names', async () => {
    const rule = chain(clipByGlobalNorm(1), masked(addDecayedWeights(0.1), ({ role }) => role === 'kernel'), scaleByLearningRate((step: number) => 0.1 / (1 + step)));
    const optimizer = tfOptimizer(rule) as tf.Optimizer & { readonly hyper: Record<string, number> };
    const weights = await fitted(optimizer);
    expect(weights.every((values) => values.every(Number.isFinite))).toBe(true);
    expect(optimizer.hyper.learningRate).toBeCloseTo(0.1 / 16, 12);
  });

  it('leaves no tensor but its slots, and those go with it', () => {
    const w = tf.variable(numbers([40, 3], 1), true, `leak-${backend}`);
    const optimizer = tfOptimizer(adam({ learningRate: 0.1 }));
    const step = () => void optimizer.minimize(() => tf.sum(tf.square(w)));
    const before = tf.memory().numTensors;
    step();
    const after = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) step();
    expect(tf.memory().numTensors).toBe(after);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
    w.dispose();
  });

  it('says what it cannot do', () => {
    const w = tf.variable(numbers([4], 1), true, `sharp-${backend}`);
    expect(() => tfOptimizer(sam({ inner: sgd({ learningRate: 0.1 }) })).minimize(() => tf.sum(tf.square(w)), false, [w])).toThrow(/sam: needs the gradient/);
    const late = tf.variable(numbers([4], 1), true, `late-${backend}`);
    const optimizer = tfOptimizer(sgd({ learningRate: 0.1 }));
    optimizer.minimize(() => tf.sum(tf.square(w)), false, [w]);
    expect(() => optimizer.minimize(() => tf.sum(tf.mul(w, late)), false, [w, late])).toThrow(`'late-${backend}' was not among the variables of the first update`);
    tf.dispose([w, late]);
  });
});

describe('on wasm, every kernel that reads a param', () => {
  const [matrix, image, x] = [[4, 6], [1, 5, 5, 4], [3, 4]].map((shape, i) => () => numbers(shape, 20 + i));
  const reads: Record<string, { readonly shape: readonly number[]; readonly read: (w: tf.Tensor) => tf.Tensor }> = {
    BatchMatMul: { shape: [4, 6], read: (w) => tf.matMul(x() as tf.Tensor2D, w as tf.Tensor2D) },
    'BatchMatMul, transposed': { shape: [4, 6], read: (w) => tf.matMul(w as tf.Tensor2D, matrix() as tf.Tensor2D, false, true) },
    _FusedMatMul: { shape: [4, 6], read: (w) => tf.fused.matMul({ a: x() as tf.Tensor2D, b: w as tf.Tensor2D, activation: 'relu' }) },
    '_FusedMatMul, bias': { shape: [6], read: (w) => tf.fused.matMul({ a: x() as tf.Tensor2D, b: matrix() as tf.Tensor2D, bias: w }) },
    Conv2D: { shape: [3, 3, 4, 5], read: (w) => tf.conv2d(image() as tf.Tensor4D, w as tf.Tensor4D, 1, 'same') },
    FusedConv2D: { shape: [3, 3, 4, 5], read: (w) => tf.fused.conv2d({ x: image() as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: 'same', activation: 'relu' }) },
    Conv2DBackpropInput: { shape: [3, 3, 5, 4], read: (w) => tf.conv2dTranspose(image() as tf.Tensor4D, w as tf.Tensor4D, [1, 5, 5, 5], 1, 'same') },
    DepthwiseConv2dNative: { shape: [3, 3, 4, 2], read: (w) => tf.depthwiseConv2d(image() as tf.Tensor4D, w as tf.Tensor4D, 1, 'same') },
    FusedDepthwiseConv2D: { shape: [3, 3, 4, 1], read: (w) => tf.fused.depthwiseConv2d({ x: image() as tf.Tensor4D, filter: w as tf.Tensor4D, strides: 1, pad: 'same', activation: 'relu' }) },
    Prelu: { shape: [4], read: (w) => tf.prelu(image(), w) },
    FusedBatchNorm: { shape: [4], read: (w) => tf.batchNorm(image() as tf.Tensor4D, tf.zeros([4]), tf.ones([4]), w as tf.Tensor1D, w as tf.Tensor1D) },
    GatherV2: { shape: [9, 3], read: (w) => tf.gather(w, tf.tensor1d([1, 8, 1], 'int32')) },
    Einsum: { shape: [4, 6], read: (w) => tf.einsum('ij,jk->ik', x(), w) },
    Conv3D: { shape: [1, 1, 1, 4, 2], read: (w) => tf.conv3d(tf.reshape(image(), [1, 1, 5, 5, 4]) as tf.Tensor5D, w as tf.Tensor5D, 1, 'same') },
  };
  beforeAll(async () => void (await tf.setBackend('wasm')));

  it.each(Object.entries(reads))('%s sees the new values after an update', (name, { shape, read }) => {
    const w = tf.variable(numbers(shape, 5), true, name);
    const optimizer = tfOptimizer(sgd({ learningRate: 0.5 }));
    for (let step = 0; step < 3; step++) {
      const before = tf.tidy(() => read(w).dataSync().slice());
      optimizer.applyGradients({ [name]: numbers(shape, 30 + step) });
      const [seen, expected] = tf.tidy(() => [read(w).dataSync().slice(), read(tf.tensor(w.dataSync().slice(), [...shape])).dataSync().slice()]);
      expect(seen).toEqual(expected);
      expect(seen).not.toEqual(before);
    }
    w.dispose();
  });
});
