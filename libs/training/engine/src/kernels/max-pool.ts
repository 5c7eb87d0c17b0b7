import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';
import type { Replacement } from './register.ts';

interface PoolAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The gradient of a max pool. TensorFlow.js's own drops gradients at the edge of padded windows. */
export const maxPoolGrad: Replacement = {
  kernelName: 'MaxPoolGrad',
  run: ({ heap, inputs: { dy, input }, attrs }) => {
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttrs;
    const w = backend_util.computePool2DInfo(input.shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
    const out = heap.output(input.shape);
    const bytes = 4 * sizeOf(dy.shape);
    const [values, picked] = heap.scratch(bytes, bytes);
    heap.kernels.maxPool(heap.at(input), w.batchSize, w.inHeight, w.inWidth, w.inChannels, w.filterHeight, w.filterWidth, w.strideHeight, w.strideWidth, w.padInfo.top, w.padInfo.left, values, picked, w.outHeight, w.outWidth);
    heap.kernels.maxPoolGrad(heap.at(dy), picked, w.batchSize, w.outHeight * w.outWidth, w.inChannels, heap.at(out), w.inHeight * w.inWidth);
    return out;
  },
};
