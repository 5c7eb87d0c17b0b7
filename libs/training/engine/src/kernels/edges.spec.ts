import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import '../wasm.ts';

tf.env().set('PROD', true);
beforeAll(async () => void (await tf.setBackend('wasm')));

const numbers = (shape: readonly number[], seed: number): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i * 1.7 + seed * 13.3)), [...shape]);
const four = (shape: readonly number[], seed: number) => numbers(shape, seed) as tf.Tensor4D;

async function on(backend: 'cpu' | 'wasm', compute: () => tf.Tensor | tf.Tensor[]): Promise<{ shape: number[]; values: number[] }[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => [compute()].flat().map((t) => ({ shape: t.shape, values: [...t.dataSync()] })));
}

describe('nothing in a batch', () => {
  const gradientsOf = (op: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor, x: readonly number[], w: readonly number[]) => () => {
    const [a, b] = [numbers(x, 1), numbers(w, 2)];
    return tf.grads(op)([a, b], tf.onesLike(op(a, b)));
  };
  const cases: Record<string, () => tf.Tensor | tf.Tensor[]> = {
    'products, forward and back': gradientsOf((x, w) => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), [0, 4], [4, 3]),
    'a product with bias': () => tf.fused.matMul({ a: numbers([0, 4], 1) as tf.Tensor2D, b: numbers([4, 3], 2) as tf.Tensor2D, bias: numbers([3], 3), activation: 'relu' }),
    'convolutions': () => tf.conv2d(four([0, 5, 5, 2], 1), four([3, 3, 2, 4], 2), 1, 'same'),
    'the gradients of convolutions': gradientsOf((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'same'), [0, 5, 5, 2], [3, 3, 2, 4]),
    'a fused convolution': () => tf.fused.conv2d({ x: four([0, 5, 5, 2], 1), filter: four([1, 1, 2, 4], 2), strides: 1, pad: 'same', bias: numbers([4], 3), activation: 'relu' }),
    'depthwise convolutions': () => tf.depthwiseConv2d(four([0, 5, 5, 2], 1), four([3, 3, 2, 2], 2), 1, 'same'),
    'the gradients of depthwise convolutions': gradientsOf((x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'valid'), [0, 5, 5, 2], [3, 3, 2, 2]),
    'the gradient of a max pool': () => tf.grad((x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'same'))(numbers([0, 4, 4, 3], 1), tf.zeros([0, 2, 2, 3])),
    'segment sums': () => tf.unsortedSegmentSum(tf.zeros([0, 3]), tf.tensor1d([], 'int32'), 4),
    'the gradient of a gather': () => tf.grad((x: tf.Tensor) => tf.gather(x, tf.tensor1d([], 'int32')))(numbers([5, 2], 1), tf.zeros([0, 2])),
  };
  const zeros = (n: number): number[] => new Array<number>(n).fill(0);

  it.each(Object.entries(cases))('%s', async (_, compute) => {
    for (const { shape, values } of await on('wasm', compute)) {
      expect(shape.every(Number.isInteger)).toBe(true);
      // A gradient of weights that no example has touched is 0.
      expect(values.map(Math.abs)).toEqual(zeros(shape.reduce((a, b) => a * b, 1)));
    }
  });
});

/** TensorFlow.js refuses gradients of dilated windows; the kernels below have them. */
describe('dilated windows', () => {
  it.each([[1, 2, 2], [2, 1, 3], [3, 3, 1]])('have gradients that are the slopes of the outputs: dilation %i x %i, kernel of %i columns', async (dy, dx, columns) => {
    await tf.setBackend('wasm');
    const attrs = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [dy, dx], dimRoundingMode: undefined };
    const run = (kernel: string, inputs: Record<string, TensorInfo>, extra: object = {}): tf.Tensor =>
      tf.engine().makeTensorFromTensorInfo(tf.getKernel(kernel, 'wasm').kernelFunc({ inputs, attrs: { ...attrs, ...extra } as unknown as NamedAttrMap, backend: tf.backend() }) as TensorInfo);
    tf.tidy(() => {
      const [x, filter] = [four([2, 7, 6, 3], 1), four([2, columns, 3, 5], 2)];
      const out = run('Conv2D', { x, filter });
      const weight = numbers(out.shape, 3);
      const score = (a: tf.Tensor, b: tf.Tensor): number => tf.sum(tf.mul(run('Conv2D', { x: a, filter: b }), weight)).dataSync()[0];
      const dX = run('Conv2DBackpropInput', { dy: weight, filter }, { inputShape: x.shape });
      const dFilter = run('Conv2DBackpropFilter', { x, dy: weight }, { filterShape: filter.shape });
      // A convolution is linear in each: a step of any length gives the slope.
      const [u, v] = [numbers(x.shape, 4), numbers(filter.shape, 5)];
      expect(score(tf.add(x, u), filter) - score(x, filter)).toBeCloseTo(tf.sum(tf.mul(dX, u)).dataSync()[0], 3);
      expect(score(x, tf.add(filter, v)) - score(x, filter)).toBeCloseTo(tf.sum(tf.mul(dFilter, v)).dataSync()[0], 3);
    });
  });
});
