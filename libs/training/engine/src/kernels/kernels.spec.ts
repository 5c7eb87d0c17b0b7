import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { kernelStatus } from '../wasm.ts';

tf.env().set('PROD', true);

type Pad = 'same' | 'valid' | number;
interface Case {
  readonly batch: number; readonly height: number; readonly width: number; readonly channels: number; readonly filters: number;
  readonly kernel: readonly [number, number]; readonly stride: readonly [number, number]; readonly dilation: readonly [number, number]; readonly pad: Pad;
}

/** Deterministic numbers in [-1, 1] that have no structure a wrong index would hide in. */
const numbers = (shape: readonly number[], seed: number): tf.Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from({ length: n }, (_, i) => Math.sin(1 + i * 1.7 + seed * 13.3 + (i * i) % 7)), [...shape]);
};

beforeAll(async () => {
  await tf.setBackend('wasm');
});

async function on(backend: 'cpu' | 'wasm', compute: () => tf.Tensor | tf.Tensor[]): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => [compute()].flat().map((t) => t.dataSync<'float32'>().slice()));
}

/** Both backends agree to rounding, for a result that adds `terms` products of numbers in [-1, 1]. */
async function agree(compute: () => tf.Tensor | tf.Tensor[], terms = 1): Promise<void> {
  const [ours, theirs] = [await on('wasm', compute), await on('cpu', compute)];
  const allowed = 4e-6 * Math.sqrt(terms) + 2e-6;
  ours.forEach((values, i) => {
    expect(values.length).toBe(theirs[i].length);
    let worst = 0;
    for (let j = 0; j < values.length; j++) worst = Math.max(worst, Math.abs(values[j] - theirs[i][j]) / (1 + Math.abs(theirs[i][j])) || (Object.is(values[j], theirs[i][j]) ? 0 : values[j] - theirs[i][j] === 0 ? 0 : Infinity));
    expect(worst).toBeLessThan(allowed);
  });
}

const size = fc.integer({ min: 1, max: 21 });
const check = (property: fc.IAsyncProperty<unknown>, runs: number) => fc.assert(property as never, { numRuns: runs, seed: 20 });

it('stands over the wasm backend', () => {
  expect(kernelStatus().reason).toBeUndefined();
  expect(kernelStatus().registered).toContain('Conv2DBackpropFilter');
});

describe('matMul', () => {
  it('multiplies any shapes in any transposes as the cpu backend does', async () => {
    await check(
      fc.asyncProperty(size, size, size, fc.boolean(), fc.boolean(), async (m, n, k, transA, transB) =>
        agree(() => tf.matMul(numbers(transA ? [k, m] : [m, k], 1), numbers(transB ? [n, k] : [k, n], 2), transA, transB), k)),
      60,
    );
  });

  it.each([[130, 50, 400], [5, 520, 3], [33, 64, 769], [1, 1, 1000], [129, 47, 385]])('crosses its blocks at %i x %i x %i', async (m, n, k) => {
    for (const [transA, transB] of [[false, false], [true, false], [false, true], [true, true]]) {
      await agree(() => tf.matMul(numbers(transA ? [k, m] : [m, k], 1), numbers(transB ? [n, k] : [k, n], 2), transA, transB), k);
    }
  });

  it('broadcasts batches', async () => {
    await agree(() => tf.matMul(numbers([2, 3, 5, 7], 1), numbers([1, 3, 7, 4], 2)), 7);
    // The cpu backend is wrong where both sides are broadcast, so the reference is written out.
    const both = await on('wasm', () => tf.matMul(numbers([2, 1, 5, 7], 1), numbers([3, 7, 4], 2)));
    const apart = await on('wasm', () => tf.matMul(tf.tile(numbers([2, 1, 5, 7], 1), [1, 3, 1, 1]), tf.tile(tf.reshape(numbers([3, 7, 4], 2), [1, 3, 7, 4]), [2, 1, 1, 1])));
    expect(both).toEqual(apart);
  });

  it('gives zeros where nothing is added, and nothing where there is no row', async () => {
    await agree(() => tf.matMul(tf.zeros([3, 0]), tf.zeros([0, 9])));
    await agree(() => tf.matMul(tf.zeros([0, 3]), numbers([3, 4], 1)));
  });

  it('multiplies whole numbers', async () => {
    await agree(() => tf.matMul(tf.tensor2d([[1, 2], [3, 4]], [2, 2], 'int32'), tf.tensor2d([[5, 6], [7, 8]], [2, 2], 'int32'), false, true));
  });

  it.each(['linear', 'relu', 'elu', 'sigmoid', 'relu6'] as const)('adds a bias and applies %s behind any transpose', async (activation) => {
    for (const [transposeA, transposeB] of [[false, false], [true, false], [false, true], [true, true]]) {
      await agree(() => tf.fused.matMul({ a: numbers(transposeA ? [100, 9] : [9, 100], 1) as tf.Tensor2D, b: numbers(transposeB ? [13, 100] : [100, 13], 2) as tf.Tensor2D, transposeA, transposeB, bias: numbers([13], 3), activation }), 100);
    }
  });

  it('keeps NaN and infinity', async () => {
    await agree(() => tf.matMul(tf.tensor2d([[NaN, 1, 2], [Infinity, 1, 0]]), tf.tensor2d([[1, 0], [0, 1], [1, 1]])));
  });
});

const cases: fc.Arbitrary<Case> = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 13 }),
  width: fc.integer({ min: 1, max: 13 }),
  channels: fc.constantFrom(1, 2, 3, 4, 5, 8, 11),
  filters: fc.constantFrom(1, 2, 3, 7, 8, 9, 16),
  kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pad: fc.constantFrom<Pad>('same', 'valid', 1, 2),
});

/** TensorFlow takes strides or dilations, not both; windows fit into the image. */
const sensible = ({ height, width, kernel, stride, dilation, pad }: Case): boolean => {
  const fits = [height, width].every((n, axis) => n + (typeof pad === 'number' ? 2 * pad : 0) >= (kernel[axis] - 1) * dilation[axis] + 1);
  return (stride.every((s) => s === 1) || dilation.every((d) => d === 1)) && (pad === 'same' || fits);
};

describe('conv2d', () => {
  it('correlates as the cpu backend does, whatever the window', async () => {
    await check(
      fc.asyncProperty(cases.filter(sensible), async (c) =>
        agree(() => tf.conv2d(numbers([c.batch, c.height, c.width, c.channels], 1) as tf.Tensor4D, numbers([...c.kernel, c.channels, c.filters], 2) as tf.Tensor4D, [...c.stride], c.pad, 'NHWC', [...c.dilation]), c.kernel[0] * c.kernel[1] * c.channels)),
      80,
    );
  });

  it('has the gradients of the cpu backend', async () => {
    await check(
      fc.asyncProperty(cases.map((c) => ({ ...c, dilation: [1, 1] as const })).filter(sensible), async (c) => {
        const gradients = () => {
          const conv = (x: tf.Tensor, kernel: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...c.stride], c.pad);
          const [x, kernel] = [numbers([c.batch, c.height, c.width, c.channels], 1), numbers([...c.kernel, c.channels, c.filters], 2)];
          return tf.grads(conv)([x, kernel], numbers(conv(x, kernel).shape, 3));
        };
        await agree(gradients, c.batch * c.height * c.width * 4);
      }),
      80,
    );
  });

  it.each(['linear', 'relu', 'elu'] as const)('adds a bias and applies %s', async (activation) => {
    await agree(() => tf.fused.conv2d({ x: numbers([2, 7, 6, 3], 1) as tf.Tensor4D, filter: numbers([3, 3, 3, 9], 2) as tf.Tensor4D, strides: 1, pad: 'same', bias: numbers([9], 3), activation }), 27);
  });

  it('uses a plain product for a window of one pixel', async () => {
    await agree(() => tf.conv2d(numbers([2, 5, 5, 70], 1) as tf.Tensor4D, numbers([1, 1, 70, 50], 2) as tf.Tensor4D, 1, 'same'), 70);
  });
});

describe('depthwiseConv2d', () => {
  const depthwise = cases.map((c) => ({ ...c, filters: c.channels, multiplier: 1 + (c.filters % 3) }));

  it('correlates as the cpu backend does, whatever the window', async () => {
    await check(
      fc.asyncProperty(depthwise.filter(sensible), async (c) =>
        agree(() => tf.depthwiseConv2d(numbers([c.batch, c.height, c.width, c.channels], 1) as tf.Tensor4D, numbers([...c.kernel, c.channels, c.multiplier], 2) as tf.Tensor4D, [...c.stride], c.pad as 'same', 'NHWC', [...c.dilation]), 25)),
      60,
    );
  });

  it('has the gradients of the cpu backend', async () => {
    await check(
      fc.asyncProperty(depthwise.map((c) => ({ ...c, dilation: [1, 1] as const })).filter(sensible), async (c) => {
        const gradients = () => {
          const conv = (x: tf.Tensor, kernel: tf.Tensor) => tf.depthwiseConv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [...c.stride], c.pad as 'same');
          const [x, kernel] = [numbers([c.batch, c.height, c.width, c.channels], 1), numbers([...c.kernel, c.channels, c.multiplier], 2)];
          return tf.grads(conv)([x, kernel], numbers(conv(x, kernel).shape, 3));
        };
        await agree(gradients, c.batch * c.height * c.width);
      }),
      60,
    );
  });
});

describe('maxPool', () => {
  it('has the gradient of the cpu backend, windows that overlap and hang over the edge included', async () => {
    const pools = cases.map((c) => ({ ...c, dilation: [1, 1] as const, pad: typeof c.pad === 'number' ? 'same' as const : c.pad })).filter(sensible);
    await check(
      fc.asyncProperty(pools, async (c) => {
        const pool = (x: tf.Tensor) => tf.maxPool(x as tf.Tensor4D, [...c.kernel], [...c.stride], c.pad);
        await agree(() => {
          const x = numbers([c.batch, c.height, c.width, c.channels], 1);
          return tf.grad(pool)(x, numbers(pool(x).shape, 3));
        }, 25);
      }),
      60,
    );
  });
});

describe('unsortedSegmentSum', () => {
  it('adds rows to their segments and leaves out what has none', async () => {
    await agree(() => tf.unsortedSegmentSum(numbers([7, 2, 5], 1), tf.tensor1d([0, 3, 0, 1, 3, -1, 2], 'int32'), 4), 3);
  });

  it('is the gradient of a gather', async () => {
    await agree(() => tf.grad((x: tf.Tensor) => tf.square(tf.gather(x, tf.tensor1d([4, 0, 4, 2], 'int32'))))(numbers([6, 9], 1)), 4);
  });
});

it('sees a parameter that was written in place, where the stock kernels would use the old one', async () => {
  await tf.setBackend('wasm');
  const heapOf = (t: tf.Tensor) => {
    const backend = tf.backend() as unknown as { dataIdMap: { get(id: object): { memoryOffset: number } }; wasm: { HEAPU8: Uint8Array } };
    return new Float32Array(backend.wasm.HEAPU8.buffer, backend.dataIdMap.get(t.dataId).memoryOffset, t.size);
  };
  const weight = tf.fill([4, 4], 1);
  const kernel = tf.fill([1, 1, 4, 4], 1) as tf.Tensor4D;
  const x = tf.ones([2, 4]) as tf.Tensor2D;
  const image = tf.ones([1, 3, 3, 4]) as tf.Tensor4D;
  const reads: Record<string, () => tf.Tensor> = {
    matMul: () => tf.matMul(x, weight),
    fusedMatMul: () => tf.fused.matMul({ a: x, b: weight as tf.Tensor2D }),
    conv2d: () => tf.conv2d(image, kernel, 1, 'same'),
    fusedConv2d: () => tf.fused.conv2d({ x: image, filter: kernel, strides: 1, pad: 'same' }),
    depthwise: () => tf.depthwiseConv2d(image, kernel, 1, 'same'),
    fusedDepthwise: () => tf.fused.depthwiseConv2d({ x: image, filter: kernel, strides: 1, pad: 'same' }),
    conv2dInputGradient: () => tf.grad((i: tf.Tensor) => tf.conv2d(i as tf.Tensor4D, kernel, 1, 'same'))(image),
  };
  const before = Object.fromEntries(Object.entries(reads).map(([name, read]) => [name, read().dataSync()[0]]));
  heapOf(weight).fill(2);
  heapOf(kernel).fill(2);
  for (const [name, read] of Object.entries(reads)) expect([name, read().dataSync()[0]]).toEqual([name, 2 * before[name]]);
});
