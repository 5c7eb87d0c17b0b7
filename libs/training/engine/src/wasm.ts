/**
 * Importing this module makes TensorFlow.js's wasm backend several times faster at training, and able to train convolutions
 * and embeddings at all: our kernels are registered over its own, on its own memory. `model.fit` included.
 */
import '@tensorflow/tfjs-backend-wasm';
import { conv2D, conv2DBackpropFilter, conv2DBackpropInput, fusedConv2D } from './kernels/convolution.ts';
import { depthwiseBackpropFilter, depthwiseBackpropInput, depthwiseConv2D, fusedDepthwiseConv2D } from './kernels/depthwise.ts';
import { batchMatMul, fusedMatMul } from './kernels/matmul.ts';
import { einsum } from './kernels/einsum.ts';
import { maxPoolGrad } from './kernels/max-pool.ts';
import { registerOverWasm } from './kernels/register.ts';
import { unsortedSegmentSum } from './kernels/segment-sum.ts';

const strict = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.GRADSTREAM_STRICT === '1';

registerOverWasm(
  [
    batchMatMul, fusedMatMul,
    conv2D, fusedConv2D, conv2DBackpropInput, conv2DBackpropFilter,
    depthwiseConv2D, fusedDepthwiseConv2D, depthwiseBackpropInput, depthwiseBackpropFilter,
    unsortedSegmentSum, maxPoolGrad, einsum,
  ],
  { strict },
);

// What is registered, and how it rounds
export { kernelStatus } from './kernels/register.ts';
export type { KernelStatus } from './kernels/register.ts';
export type { Rounding } from './kernels/kernels.ts';
// What the processor can do, to measure them by
export { simdPeak } from './kernels/peak.ts';
