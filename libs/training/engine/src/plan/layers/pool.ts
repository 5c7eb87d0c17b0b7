import type { Extent, Padding } from '@gradstream/models';
import { floatsOf, gated, outputOf, type Planner } from '../site.ts';
import { windowOf } from './conv2d.ts';

interface Pool {
  readonly size: Extent;
  readonly stride: Extent;
  readonly padding: Padding;
}

export const maxPool: Planner = (site, layer, input) => {
  const { size, stride, padding } = layer.layer as unknown as Pool;
  const w = windowOf(site.batch, layer.inputShape, layer.outputShape, size, stride, padding);
  // What a relu let through and the pool picked is positive: gating the output's gradient gates the input's.
  const output = outputOf(site, layer, input, { gated: input.gate !== 0 });
  const picked = site.buffer(floatsOf(site.batch * output.size));
  site.examples((part, first, end) =>
    site.program.call(part, 'maxPool', input.at + floatsOf(first * input.size), end - first, w.height, w.width, w.channels, w.kernelHeight, w.kernelWidth, w.strideY, w.strideX, w.top, w.left,
      output.at + floatsOf(first * output.size), picked + floatsOf(first * output.size), w.outHeight, w.outWidth));
  return {
    output,
    backward: (dOut) => {
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(site.batch * input.size));
      site.examples((part, first, end) =>
        site.program.call(part, 'maxPoolGrad', dOut + floatsOf(first * output.size), picked + floatsOf(first * output.size), end - first, w.outHeight * w.outWidth, w.channels, dX + floatsOf(first * input.size), w.height * w.width));
      return dX;
    },
  };
};

export const averagePool: Planner = (site, layer, input) => {
  const { size, stride, padding } = layer.layer as unknown as Pool;
  const w = windowOf(site.batch, layer.inputShape, layer.outputShape, size, stride, padding);
  const output = outputOf(site, layer, input);
  const window = [w.channels, w.kernelHeight, w.kernelWidth, w.strideY, w.strideX, w.top, w.left] as const;
  site.examples((part, first, end) =>
    site.program.call(part, 'averagePool', input.at + floatsOf(first * input.size), end - first, w.height, w.width, ...window, output.at + floatsOf(first * output.size), w.outHeight, w.outWidth));
  return {
    output,
    backward: (dOut) => {
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(site.batch * input.size));
      site.examples((part, first, end) =>
        site.program.call(part, 'averagePoolGrad', dOut + floatsOf(first * output.size), end - first, w.outHeight, w.outWidth, ...window, dX + floatsOf(first * input.size), w.height, w.width));
      return gated(site, dX, input);
    },
  };
};

export const globalAveragePool: Planner = (site, layer, input) => {
  const channels = layer.inputShape.at(-1)!;
  const places = input.size / channels;
  const output = outputOf(site, layer, input);
  site.examples((part, first, end) => site.program.call(part, 'meanPlaces', input.at, first, end, places, channels, output.at));
  return {
    output,
    backward: (dOut) => {
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(site.batch * input.size));
      site.examples((part, first, end) => site.program.call(part, 'meanPlacesGrad', dOut, first, end, places, channels, dX));
      return gated(site, dX, input);
    },
  };
};
