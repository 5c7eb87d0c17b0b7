import type { Activation, Extent, Padding } from '@gradstream/models';
import { BIAS, MASK, RELU } from '../../kernels/flags.ts';
import { frameOf, inputGradient, kernelGradient, panelBytes, type Window } from '../../kernels/window.ts';
import { floatsOf, outputOf, paramsOf, type ParamPlace, type Planner, type Site, type Value } from '../site.ts';
import { activated, product } from './dense.ts';

const pair = (extent: Extent): readonly [number, number] => (typeof extent === 'number' ? [extent, extent] : extent);

/** The window of an image layer; `same` puts the odd row and column of zeros at the end. */
export function windowOf(batch: number, inputShape: readonly number[], outputShape: readonly number[], size: Extent, stride: Extent, padding: Padding): Window {
  const [height, width, channels] = inputShape;
  const [outHeight, outWidth, filters] = outputShape;
  const [kernelHeight, kernelWidth] = pair(size);
  const [strideY, strideX] = pair(stride);
  const before = (out: number, step: number, kernel: number, length: number): number => (padding === 'same' ? Math.max(0, (out - 1) * step + kernel - length) >> 1 : 0);
  return {
    batch, height, width, channels, kernelHeight, kernelWidth, filters, strideY, strideX, dilationY: 1, dilationX: 1,
    top: before(outHeight, strideY, kernelHeight, height), left: before(outWidth, strideX, kernelWidth, width), outHeight, outWidth,
  };
}

interface Conv2d {
  readonly size: Extent;
  readonly stride: Extent;
  readonly padding: Padding;
  readonly activation: Activation;
}

export const conv2d: Planner = (site, layer, input) => {
  const { size, stride, padding, activation } = layer.layer as unknown as Conv2d;
  const w = windowOf(site.batch, layer.inputShape, layer.outputShape, size, stride, padding);
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  const { kernel, bias } = paramsOf(site, layer);
  return convolution(site, input, w, output, kernel, bias, activation);
};

/** A convolution with its gradients; a window of one pixel is a plain product. */
export function convolution(site: Site, input: Value, w: Window, output: Value, kernel: ParamPlace, bias: ParamPlace | undefined, activation: Activation): ReturnType<typeof product> {
  const pixels = w.outHeight * w.outWidth;
  if (w.kernelHeight * w.kernelWidth * w.strideY * w.strideX === 1) return product(site, input, pixels, w.channels, output, w.filters, kernel, bias, activation);

  const { program, batch } = site;
  const frame = frameOf(w);
  const framed = frame.fits ? input.at : site.buffer(frame.bytes);
  const image = floatsOf(frame.height * frame.width * w.channels);
  const outImage = floatsOf(pixels * w.filters);
  const taps = w.kernelHeight * w.kernelWidth * w.channels;
  const flags = (bias ? BIAS : 0) | (activation === 'relu' ? RELU : 0);

  site.examples((part, first, end) => {
    if (!frame.fits) program.call(part, 'spread', input.at + floatsOf(first * input.size), end - first, w.height, w.width, w.channels, framed + first * image, frame.height, frame.width, w.top, w.left, 1, 1);
    const panels = site.scratch(part, panelBytes(taps, w.filters));
    program.call(part, 'packKernel', kernel.at, w.kernelHeight, w.kernelWidth, w.channels, w.filters, panels);
    program.call(part, 'conv', framed + first * image, end - first, frame.height, frame.width, w.channels, w.top, w.top + w.height, panels, w.kernelHeight, w.kernelWidth, w.filters,
      w.strideY, w.strideX, 1, 1, output.at + first * outImage, w.outHeight, w.outWidth, flags, bias?.at ?? 0, 0);
  });
  const act = activated(site, activation, output);

  const backward = (dOut: number): number => {
    const dMaps = act.backward(dOut);
    site.later(() => {
      program.split(taps, 4, (part, first, end) =>
        program.call(part, 'convKernelGrad', framed, batch, frame.height, frame.width, w.channels, dMaps, w.outHeight, w.outWidth, w.filters, w.kernelWidth, w.strideY, w.strideX, 1, 1,
          first, end, kernel.gradient, site.scratch(part, kernelGradient(w).scratch)));
      if (bias) program.split(w.filters, 8, (part, first, end) => program.call(part, 'columnSums', dMaps, batch * pixels, w.filters, first, end, bias.gradient));
    });
    if (!input.differentiable) return 0;
    const dX = site.buffer(floatsOf(batch * input.size));
    const g = inputGradient(w);
    const panelSize = (panelBytes(w.kernelHeight * w.kernelWidth * w.filters, w.channels) + 63) & ~63;
    site.examples((part, first, end) => {
      const panels = site.scratch(part, panelSize + (g.bytes / batch) * (end - first));
      const spread = panels + panelSize;
      const dXAt = dX + floatsOf(first * input.size);
      program.call(part, 'packKernelTurned', kernel.at, w.kernelHeight, w.kernelWidth, w.channels, w.filters, panels);
      program.call(part, 'spread', dMaps + first * outImage, end - first, w.outHeight, w.outWidth, w.filters, spread, g.height, g.width, g.top, g.left, w.strideY, w.strideX);
      program.call(part, 'conv', spread, end - first, g.height, g.width, w.filters, g.firstRow, g.endRow, panels, w.kernelHeight, w.kernelWidth, w.channels,
        1, 1, 1, 1, dXAt, w.height, w.width, input.gate ? MASK : 0, 0, input.gate ? input.gate + floatsOf(first * input.size) : 0);
    });
    return dX;
  };
  return { output: act.output, backward };
}
