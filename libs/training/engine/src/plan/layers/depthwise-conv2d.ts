import type { Activation, Padding } from '@gradstream/models';
import { ACTIVATIONS } from '../../kernels/flags.ts';
import { floatsOf, gated, outputOf, type Planner } from '../site.ts';
import { windowOf } from './conv2d.ts';
import { activated } from './dense.ts';

interface Depthwise {
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly multiplier: number;
  readonly activation: Activation;
  readonly bias: boolean;
}

export const depthwiseConv2d: Planner = (site, layer, input) => {
  const { size, stride, padding, multiplier, activation, bias: biased } = layer.layer as unknown as Depthwise;
  const { program, batch } = site;
  const w = windowOf(batch, layer.inputShape, layer.outputShape, size, stride, padding);
  const kernel = site.param(`${layer.name}/kernel`);
  const bias = biased ? site.param(`${layer.name}/bias`) : undefined;
  const geometry = [w.strideY, w.strideX, 1, 1, w.top, w.left] as const;
  const pixels = w.outHeight * w.outWidth;
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });

  site.examples((part, first, end) => {
    const at = output.at + floatsOf(first * output.size);
    program.call(part, 'depthwise', input.at + floatsOf(first * input.size), end - first, w.height, w.width, w.channels, kernel.at, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, at, w.outHeight, w.outWidth);
    if (bias) program.call(part, 'addBias', at, (end - first) * pixels, w.filters, bias.at);
    if (activation === 'relu') program.call(part, 'activate', ACTIVATIONS.relu, at, (end - first) * output.size, at);
  });
  const act = activated(site, activation, output);
  return {
    output: act.output,
    backward: (dOut) => {
      const dMaps = act.backward(dOut);
      site.later(() => {
        program.split(w.channels, 4, (part, first, end) =>
          program.call(part, 'depthwiseKernelGrad', input.at, batch, w.height, w.width, w.channels, dMaps, w.outHeight, w.outWidth, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, first, end, kernel.gradient));
        if (bias) program.split(w.filters, 8, (part, first, end) => program.call(part, 'columnSums', dMaps, batch * pixels, w.filters, first, end, bias.gradient));
      });
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(batch * input.size));
      site.examples((part, first, end) =>
        program.call(part, 'depthwiseInputGrad', dMaps + floatsOf(first * output.size), end - first, w.outHeight, w.outWidth, w.channels, kernel.at, w.kernelHeight, w.kernelWidth, multiplier, ...geometry, dX + floatsOf(first * input.size), w.height, w.width));
      return gated(site, dX, input);
    },
  };
};
