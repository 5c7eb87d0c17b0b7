/** Layers whose kernel is changed before it is used: masked, standardized, or never trained. */
import { keepScales, type Activation, type Extent, type Padding } from '@gradstream/models';
import { floatsOf, outputOf, paramsOf, type ParamPlace, type Planner, type Site } from '../site.ts';
import { convolution, windowOf } from './conv2d.ts';
import { product } from './dense.ts';

/** Room for a kernel made from another one, and for its gradient. */
const room = (site: Site, size: number): ParamPlace => ({ at: site.buffer(floatsOf(size)), gradient: site.buffer(floatsOf(size)) });

/** A dense layer that loses other weights in each step: one mask for the batch. */
export const dropConnect: Planner = (site, layer, input) => {
  const { rate, activation } = layer.layer as unknown as { rate: number; activation: Activation };
  const { kernel, bias } = paramsOf(site, layer);
  const { program } = site;
  const [inputs, units] = [layer.inputShape.at(-1)!, layer.outputShape.at(-1)!];
  const drops = site.training && rate > 0;
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  if (!drops) return product(site, input, input.size / inputs, inputs, output, units, kernel, bias, activation);

  const mask = site.drawn(layer.name, inputs * units, (key, out) => out.set(keepScales(key, out.length, rate)));
  const masked = room(site, inputs * units);
  const times = (from: number, to: number): void =>
    program.split(inputs, 4, (part, first, end) => program.call(part, 'mulInto', from + floatsOf(first * units), mask + floatsOf(first * units), (end - first) * units, to + floatsOf(first * units)));
  program.barrier();
  times(kernel.at, masked.at);
  program.barrier();
  const planned = product(site, input, input.size / inputs, inputs, output, units, masked, bias, activation);
  return {
    output: planned.output,
    backward: (dOut) => {
      const dX = planned.backward(dOut);
      site.later(() => times(masked.gradient, kernel.gradient));
      return dX;
    },
  };
};

/** A convolution whose kernel has mean 0 and variance 1 in each filter. */
export const standardizedConv2d: Planner = (site, layer, input) => {
  const { size, stride, padding, activation, eps } = layer.layer as unknown as { size: Extent; stride: Extent; padding: Padding; activation: Activation; eps: number };
  const { kernel, bias } = paramsOf(site, layer);
  const { program } = site;
  const w = windowOf(site.batch, layer.inputShape, layer.outputShape, size, stride, padding);
  const taps = w.kernelHeight * w.kernelWidth * w.channels;
  const standard = room(site, taps * w.filters);
  const [mean, variance, sums, products] = Array.from({ length: 4 }, () => site.buffer(floatsOf(w.filters)));
  program.barrier();
  program.split(w.filters, 4, (part, first, end) => program.call(part, 'columnMoments', kernel.at, taps, w.filters, first, end, mean, variance));
  program.barrier();
  program.split(taps, 4, (part, first, end) => program.call(part, 'normalizeColumns', kernel.at, first, end, w.filters, mean, variance, eps, 0, 0, standard.at, standard.at));
  program.barrier();
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  const planned = convolution(site, input, w, output, standard, bias, activation);
  return {
    output: planned.output,
    backward: (dOut) => {
      const dX = planned.backward(dOut);
      site.later(() => {
        program.barrier();
        program.split(w.filters, 4, (part, first, end) => program.call(part, 'normalizeColumnSums', standard.gradient, standard.at, taps, w.filters, first, end, products, sums));
        program.barrier();
        program.split(taps, 4, (part, first, end) =>
          program.call(part, 'normalizeColumnsGrad', standard.gradient, standard.at, first, end, taps, w.filters, variance, eps, 0, products, sums, kernel.gradient));
      });
      return dX;
    },
  };
};

/** A fixed random layer: its kernel has no gradient. */
export const randomProjection: Planner = (site, layer, input) => {
  const { activation } = layer.layer as unknown as { activation: Activation };
  const [inputs, units] = [layer.inputShape.at(-1)!, layer.outputShape.at(-1)!];
  const output = outputOf(site, layer, input, { gated: activation === 'relu' });
  return product(site, input, 1, inputs, output, units, site.param(`${layer.name}/kernel`), undefined, activation);
};
