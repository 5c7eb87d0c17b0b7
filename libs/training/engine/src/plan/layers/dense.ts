import type { Activation } from '@gradstream/models';
import { ACTIVATIONS, BIAS, MASK, RELU } from '../../kernels/flags.ts';
import { floatsOf, outputOf, type Planned, type Planner, type Site, type Value } from '../site.ts';

/** Applies an activation to the output of a product. relu is done by the product itself. */
export function activated(site: Site, activation: Activation, product: Value): Planned {
  if (activation === 'linear' || activation === 'relu') return { output: product, backward: (dOut) => dOut };
  const kind = ACTIVATIONS[activation];
  const n = site.batch * product.size;
  const output = { ...product, at: site.buffer(floatsOf(n)), gate: 0 };
  site.examples((part, first, end) => {
    const offset = floatsOf(first * product.size);
    site.program.call(part, 'activate', kind, product.at + offset, (end - first) * product.size, output.at + offset);
  });
  return {
    output,
    backward: (dOut) => {
      const gradient = site.buffer(floatsOf(n));
      site.examples((part, first, end) => {
        const offset = floatsOf(first * product.size);
        site.program.call(part, 'activateGrad', kind, product.at + offset, dOut + offset, (end - first) * product.size, gradient + offset);
      });
      return gradient;
    },
  };
}

/** x [rows, inputs] · kernel [inputs, units] (+ bias), rows = batch · `perExample`; the product of dense layers and of 1 x 1 convolutions. */
export function product(site: Site, x: Value, perExample: number, inputs: number, output: Value, units: number, kernel: string, bias: string | undefined, activation: Activation): Planned {
  const { program } = site;
  const w = site.param(kernel);
  const b = bias === undefined ? undefined : site.param(bias);
  const flags = (b ? BIAS : 0) | (activation === 'relu' ? RELU : 0);
  const [xRow, outRow] = [floatsOf(inputs), floatsOf(units)];
  const rows = site.batch * perExample;

  site.examples((part, first, end) =>
    program.call(part, 'gemm', 0, 0, (end - first) * perExample, units, inputs, x.at + first * perExample * xRow, inputs, w.at, units, output.at + first * perExample * outRow, units, flags, b?.at ?? 0, 0, site.scratch(part, gemmScratch(inputs, units))));
  const act = activated(site, activation, output);

  const backward = (dOut: number): number => {
    const dProduct = act.backward(dOut);
    site.later(() => {
      program.split(inputs, 4, (part, first, end) =>
        program.call(part, 'gemm', 1, 0, end - first, units, rows, x.at + floatsOf(first), inputs, dProduct, units, w.gradient + first * outRow, units, 0, 0, 0, site.scratch(part, gemmScratch(rows, units))));
      if (b) program.split(units, 8, (part, first, end) => program.call(part, 'columnSums', dProduct, rows, units, first, end, b.gradient));
    });
    if (!x.differentiable) return 0;
    const dX = site.buffer(rows * xRow);
    site.examples((part, first, end) =>
      program.call(part, 'gemm', 0, 1, (end - first) * perExample, inputs, units, dProduct + first * perExample * outRow, units, w.at, units, dX + first * perExample * xRow, inputs,
        x.gate ? MASK : 0, 0, x.gate + first * perExample * xRow, site.scratch(part, gemmScratch(units, inputs))));
    return dX;
  };
  return { output: act.output, backward };
}

/** Scratch of `gemm` for a B of k rows and n columns (`assembly/gemm.ts`). */
export const gemmScratch = (k: number, n: number): number => Math.min(k, 384) * (((Math.min(n, 512) + 7) & ~7) + 128) * 4;

export const dense: Planner = (site, layer, input) => {
  const { activation, bias } = layer.layer as unknown as { activation: Activation; bias: boolean };
  const inputs = layer.inputShape.at(-1)!;
  const units = layer.outputShape.at(-1)!;
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  return product(site, input, input.size / inputs, inputs, output, units, `${layer.name}/kernel`, bias ? `${layer.name}/bias` : undefined, activation);
};
