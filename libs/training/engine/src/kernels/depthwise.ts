import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';
import { windowOf } from './convolution.ts';
import { epilogueOf, type Epilogue } from './epilogue.ts';
import { BIAS, RELU, ACTIVATIONS } from './flags.ts';
import type { KernelCall, Replacement } from './register.ts';
import type { Window } from './window.ts';

const geometry = (w: Window) => [w.strideY, w.strideX, w.dilationY, w.dilationX, w.top, w.left] as const;
const multiplierOf = (w: Window) => w.filters / w.channels;

function forward({ heap, inputs: { x, filter }, attrs }: KernelCall, epilogueFor: (width: number) => Epilogue): TensorInfo | undefined {
  const w = windowOf(attrs, x.shape, filter.shape, true);
  if (!w) return undefined;
  const epilogue = epilogueFor(w.filters);
  const out = heap.output([w.batch, w.outHeight, w.outWidth, w.filters]);
  const { kernels } = heap;
  const [at, size] = [heap.at(out), sizeOf(out.shape)];
  kernels.depthwise(heap.at(x), w.batch, w.height, w.width, w.channels, heap.at(filter), w.kernelHeight, w.kernelWidth, multiplierOf(w), ...geometry(w), at, w.outHeight, w.outWidth);
  if (epilogue.flags & BIAS) kernels.addBias(at, size / w.filters, w.filters, epilogue.bias);
  if (epilogue.flags & RELU) kernels.activate(ACTIVATIONS.relu, at, size, at);
  epilogue.finish(out);
  return out;
}

export const depthwiseConv2D: Replacement = {
  kernelName: 'DepthwiseConv2dNative',
  run: (call) => forward(call, () => ({ flags: 0, bias: 0, finish: () => undefined })),
};

export const fusedDepthwiseConv2D: Replacement = {
  kernelName: 'FusedDepthwiseConv2D',
  run: (call) => forward(call, (width) => epilogueOf(call, width)),
};

export const depthwiseBackpropInput: Replacement = {
  kernelName: 'DepthwiseConv2dNativeBackpropInput',
  run: ({ heap, inputs: { dy, filter }, attrs }) => {
    const inputShape = attrs.inputShape as number[];
    const w = windowOf(attrs, inputShape, filter.shape, true);
    if (!w) return undefined;
    const out = heap.output(inputShape);
    heap.kernels.depthwiseInputGrad(heap.at(dy), w.batch, w.outHeight, w.outWidth, w.channels, heap.at(filter), w.kernelHeight, w.kernelWidth, multiplierOf(w), ...geometry(w), heap.at(out), w.height, w.width);
    return out;
  },
};

export const depthwiseBackpropFilter: Replacement = {
  kernelName: 'DepthwiseConv2dNativeBackpropFilter',
  run: ({ heap, inputs: { x, dy }, attrs }) => {
    const filterShape = attrs.filterShape as number[];
    const w = windowOf(attrs, x.shape, filterShape, true);
    if (!w) return undefined;
    const out = heap.output(filterShape);
    heap.kernels.depthwiseKernelGrad(heap.at(x), w.batch, w.height, w.width, w.channels, heap.at(dy), w.outHeight, w.outWidth, w.kernelHeight, w.kernelWidth, multiplierOf(w), ...geometry(w), 0, w.channels, heap.at(out));
    return out;
  },
};
