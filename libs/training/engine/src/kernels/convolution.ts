import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { frameOf, inputGradient, kernelGradient, panelBytes, type Window } from './window.ts';
import { epilogueOf, type Epilogue } from './epilogue.ts';
import type { KernelCall, Replacement } from './register.ts';

type Shape4 = [number, number, number, number];
interface ConvAttrs {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: string;
  readonly dilations?: number | [number, number] | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** The window of a convolution's attributes; undefined for a layout other than NHWC. */
export function windowOf(attrs: object, inputShape: readonly number[], filterShape: readonly number[], depthwise = false): Window | undefined {
  const { strides, pad, dataFormat = 'NHWC', dilations, dimRoundingMode } = attrs as ConvAttrs;
  if (dataFormat !== 'NHWC') return undefined;
  const info = backend_util.computeConv2DInfo(inputShape as Shape4, filterShape as Shape4, strides, dilations ?? 1, pad, dimRoundingMode, depthwise);
  return {
    batch: info.batchSize, height: info.inHeight, width: info.inWidth, channels: info.inChannels,
    kernelHeight: info.filterHeight, kernelWidth: info.filterWidth, filters: info.outChannels,
    strideY: info.strideHeight, strideX: info.strideWidth, dilationY: info.dilationHeight, dilationX: info.dilationWidth,
    top: info.padInfo.top, left: info.padInfo.left, outHeight: info.outHeight, outWidth: info.outWidth,
  };
}

function forward(call: KernelCall, epilogueFor: (width: number) => Epilogue): TensorInfo | undefined {
  const { heap, inputs: { x, filter }, attrs } = call;
  const w = windowOf(attrs, x.shape, filter.shape);
  if (!w) return undefined;
  const epilogue = epilogueFor(w.filters);
  const out = heap.output([w.batch, w.outHeight, w.outWidth, w.filters]);
  const pixels = w.batch * w.outHeight * w.outWidth;
  if (pixels * w.filters === 0) return out;
  const frame = frameOf(w);
  if (w.kernelHeight * w.kernelWidth === 1 && frame.fits && w.strideY * w.strideX === 1) {
    const [scratch] = heap.scratch(heap.kernels.gemmScratch(w.channels, w.filters));
    heap.kernels.gemm(0, 0, pixels, w.filters, w.channels, heap.at(x), w.channels, heap.at(filter), w.filters, heap.at(out), w.filters, epilogue.flags, epilogue.bias, 0, scratch);
  } else {
    const [panels, frameAt] = heap.scratch(panelBytes(w.kernelHeight * w.kernelWidth * w.channels, w.filters), frame.fits ? 0 : frame.bytes);
    heap.kernels.packKernel(heap.at(filter), w.kernelHeight, w.kernelWidth, w.channels, w.filters, panels);
    if (!frame.fits) heap.kernels.spread(heap.at(x), w.batch, w.height, w.width, w.channels, frameAt, frame.height, frame.width, w.top, w.left, 1, 1);
    heap.kernels.conv(
      frame.fits ? heap.at(x) : frameAt, w.batch, frame.height, frame.width, w.channels, w.top, w.top + w.height, panels, w.kernelHeight, w.kernelWidth, w.filters,
      w.strideY, w.strideX, w.dilationY, w.dilationX, heap.at(out), w.outHeight, w.outWidth, epilogue.flags, epilogue.bias, 0,
    );
  }
  epilogue.finish(out);
  return out;
}

export const conv2D: Replacement = {
  kernelName: 'Conv2D',
  run: (call) => forward(call, () => ({ flags: 0, bias: 0, finish: () => undefined })),
};

export const fusedConv2D: Replacement = {
  kernelName: 'FusedConv2D',
  run: (call) => forward(call, (width) => epilogueOf(call, width)),
};

/** The input's gradient: the output's gradient, spread by the strides, correlated with the turned kernel. */
export const conv2DBackpropInput: Replacement = {
  kernelName: 'Conv2DBackpropInput',
  run: ({ heap, inputs: { dy, filter }, attrs }) => {
    const inputShape = attrs.inputShape as number[];
    const w = windowOf(attrs, inputShape, filter.shape);
    if (!w) return undefined;
    const out = heap.output(inputShape);
    const g = inputGradient(w);
    const whole = dy.shape[1] === w.outHeight && dy.shape[2] === w.outWidth;
    const [panels, frameAt, cropped] = heap.scratch(panelBytes(w.kernelHeight * w.kernelWidth * w.filters, w.channels), g.bytes, whole ? 0 : 4 * w.batch * w.outHeight * w.outWidth * w.filters);
    heap.kernels.packKernelTurned(heap.at(filter), w.kernelHeight, w.kernelWidth, w.channels, w.filters, panels);
    // A transposed convolution may ask for less than its input would make.
    if (!whole) heap.kernels.spread(heap.at(dy), w.batch, dy.shape[1], dy.shape[2], w.filters, cropped, w.outHeight, w.outWidth, 0, 0, 1, 1);
    heap.kernels.spread(whole ? heap.at(dy) : cropped, w.batch, w.outHeight, w.outWidth, w.filters, frameAt, g.height, g.width, g.top, g.left, w.strideY, w.strideX);
    heap.kernels.conv(
      frameAt, w.batch, g.height, g.width, w.filters, g.firstRow, g.endRow, panels, w.kernelHeight, w.kernelWidth, w.channels,
      1, 1, w.dilationY, w.dilationX, heap.at(out), w.height, w.width, 0, 0, 0,
    );
    return out;
  },
};

/** The kernel's gradient; the wasm backend has none. */
export const conv2DBackpropFilter: Replacement = {
  kernelName: 'Conv2DBackpropFilter',
  run: ({ heap, inputs: { x, dy }, attrs }) => {
    const filterShape = attrs.filterShape as number[];
    const w = windowOf(attrs, x.shape, filterShape);
    if (!w) return undefined;
    const out = heap.output(filterShape);
    const frame = frameOf(w);
    const [frameAt, scratch] = heap.scratch(frame.fits ? 0 : frame.bytes, kernelGradient(w).scratch);
    if (!frame.fits) heap.kernels.spread(heap.at(x), w.batch, w.height, w.width, w.channels, frameAt, frame.height, frame.width, w.top, w.left, 1, 1);
    heap.kernels.convKernelGrad(
      frame.fits ? heap.at(x) : frameAt, w.batch, frame.height, frame.width, w.channels, heap.at(dy), w.outHeight, w.outWidth, w.filters,
      w.kernelWidth, w.strideY, w.strideX, w.dilationY, w.dilationX, 0, kernelGradient(w).taps, heap.at(out), scratch,
    );
    return out;
  },
};
