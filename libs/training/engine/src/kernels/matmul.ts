import { broadcast_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';
import { epilogueOf, type Epilogue } from './epilogue.ts';
import type { KernelCall, Replacement } from './register.ts';

/** op(a) · op(b) of the last two axes, broadcast over those before. */
export const batchMatMul: Replacement = {
  kernelName: 'BatchMatMul',
  run: (call) => matMul(call, { flags: 0, bias: 0, finish: () => undefined }),
};

/** The same with bias and activation. TensorFlow.js's own is wrong for a transpose with a bias. */
export const fusedMatMul: Replacement = {
  kernelName: '_FusedMatMul',
  run: (call) => {
    const { b } = call.inputs;
    return matMul(call, epilogueOf(call, b.shape[b.shape.length - (call.attrs.transposeB ? 2 : 1)]));
  },
};

function matMul({ heap, inputs: { a, b }, attrs }: KernelCall, { flags, bias, finish }: Epilogue): TensorInfo | undefined {
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  if (a.shape.length < 2 || b.shape.length < 2) return undefined;
  const [aRows, aCols] = a.shape.slice(-2);
  const [bRows, bCols] = b.shape.slice(-2);
  const [m, k] = transposeA ? [aCols, aRows] : [aRows, aCols];
  const [inner, n] = transposeB ? [bCols, bRows] : [bRows, bCols];
  if (k !== inner) throw new Error(`Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} and transposeA=${transposeA} and transposeB=${transposeB} must match.`);
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const floats = a.dtype === 'float32' && b.dtype === 'float32';
  if (!floats && (a.dtype !== 'int32' || b.dtype !== 'int32')) return undefined;

  const out = heap.output([...outer, m, n], a.dtype);
  const aOf = matrixOf(a.shape.slice(0, -2), outer);
  const bOf = matrixOf(b.shape.slice(0, -2), outer);
  const count = sizeOf(outer);
  if (!floats) {
    const [x, y, z] = [heap.ints(a), heap.ints(b), heap.ints(out)];
    for (let i = 0; i < count; i++) intMatMul(x, aOf(i) * m * k, transposeA, y, bOf(i) * k * n, transposeB, z, i * m * n, m, n, k);
    return out;
  }
  if (sizeOf(out.shape) === 0) return out;
  const [scratch] = heap.scratch(heap.kernels.gemmScratch(k, n));
  const [x, y, z] = [heap.at(a), heap.at(b), heap.at(out)];
  for (let i = 0; i < count; i++) {
    heap.kernels.gemm(Number(transposeA), Number(transposeB), m, n, k, x + aOf(i) * m * k * 4, aCols, y + bOf(i) * k * n * 4, bCols, z + i * m * n * 4, n, flags, bias, 0, scratch);
  }
  finish(out);
  return out;
}

/** Which matrix of a batch of this shape stands at position i of the broadcast batch. */
function matrixOf(shape: readonly number[], outer: readonly number[]): (i: number) => number {
  if (sizeOf(shape) === sizeOf(outer)) return (i) => i;
  const padded = [...outer.slice(shape.length).map(() => 1), ...shape];
  return (i) => {
    let from = 0;
    let stride = 1;
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      if (padded[axis] !== 1) from += (i % outer[axis]) * stride;
      i = Math.floor(i / outer[axis]);
      stride *= padded[axis];
    }
    return from;
  };
}

function intMatMul(a: Int32Array, a0: number, transA: boolean, b: Int32Array, b0: number, transB: boolean, c: Int32Array, c0: number, m: number, n: number, k: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[a0 + (transA ? l * m + i : i * k + l)] * b[b0 + (transB ? j * k + l : l * n + j)];
      c[c0 + i * n + j] = sum;
    }
  }
}
