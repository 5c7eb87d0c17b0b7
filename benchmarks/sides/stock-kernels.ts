/** The wasm backend's own kernels, taken before ours stand over them: import this before `@gradstream/engine/wasm`. */
import '@tensorflow/tfjs-backend-wasm';
import { getKernel, type KernelFunc } from '@tensorflow/tfjs-core';

export const stock: ReadonlyMap<string, KernelFunc> = new Map(['BatchMatMul', 'Conv2D', 'Conv2DBackpropInput'].map((name) => [name, getKernel(name, 'wasm').kernelFunc]));
