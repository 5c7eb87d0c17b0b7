import { backend_util, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import type { Replacement } from './register.ts';

/** Einstein sums from the backend's own products and sums; the wasm backend has none. */
export const einsum: Replacement = {
  kernelName: 'Einsum',
  run: ({ inputs, attrs, kernel, release }) => {
    const terms = inputs as unknown as readonly Tensor[];
    const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(attrs.equation as string, terms.length);
    backend_util.checkEinsumDimSizes(allDims.length, idDims, [...terms]);
    const { path, steps } = backend_util.getEinsumComputePath(summedDims, idDims);
    const made: TensorInfo[] = [];
    const make = (info: TensorInfo): TensorInfo => {
      made.push(info);
      return info;
    };
    let out: TensorInfo | undefined;
    let remaining = allDims.length;
    steps.forEach((step, i) => {
      for (const term of step) {
        const { permutationIndices: perm, expandDims } = backend_util.getEinsumPermutation(remaining, idDims[term]);
        let x: TensorInfo = terms[term];
        if (!backend_util.isIdentityPermutation(perm)) x = make(kernel('Transpose', { x }, { perm }));
        const shape = expandDims.reduce((dims, at) => dims.toSpliced(at, 0, 1), x.shape as readonly number[]);
        if (shape.length !== x.shape.length) x = make(kernel('Reshape', { x }, { shape }));
        out = out === undefined ? x : make(kernel('Multiply', { a: x, b: out }));
      }
      if (i === steps.length - 1) return;
      if (path[i] >= 0) out = make(kernel('Sum', { x: out! }, { axis: path[i] - (allDims.length - remaining), keepDims: false }));
      remaining--;
    });
    for (const info of made) if (info !== out) release(info);
    return made.includes(out!) ? out : kernel('Identity', { x: out! });
  },
};
