import type { Activation } from '@gradstream/models';
import { ACTIVATIONS, BIAS, MASK, RELU } from '../../kernels/flags.ts';
import { floatsOf, outputOf, paramsOf, type ParamPlace, type Planned, type Planner, type Site, type Value } from '../site.ts';

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

/** x [rows, inputs] · kernel [inputs, units] (+ bias), rows = batch · `perExample`; the product of dense layers and of 1 x 1 convolutions. A kernel without a gradient is not trained. */
export function product(site: Site, x: Value, perExample: number, inputs: number, output: Value, units: number, w: ParamPlace, b: ParamPlace | undefined, activation: Activation): Planned {
  const { program } = site;
  const flags = (b ? BIAS : 0) | (activation === 'relu' ? RELU : 0);
  const [xRow, outRow] = [floatsOf(inputs), floatsOf(units)];
  const rows = site.batch * perExample;

  site.examples((part, first, end) =>
    program.gemm(part, {
      m: (end - first) * perExample, n: units, k: inputs, a: x.at + first * perExample * xRow, lda: inputs, b: w.at, ldb: units, c: output.at + first * perExample * outRow,
      flags, bias: b?.at, scratch: () => site.scratch(part, gemmScratch(inputs, units)),
    }));
  const act = activated(site, activation, output);

  const backward = (dOut: number): number => {
    const dProduct = act.backward(dOut);
    if (w.gradient) site.later(() => {
      program.split(inputs, 4, (part, first, end) =>
        program.gemm(part, {
          transA: true, m: end - first, n: units, k: rows, a: x.at + floatsOf(first), lda: inputs, b: dProduct, ldb: units, c: w.gradient + first * outRow,
          scratch: () => site.scratch(part, gemmScratch(rows, units)),
        }));
      if (b) program.split(units, 8, (part, first, end) => program.call(part, 'columnSums', dProduct, rows, units, first, end, b.gradient));
    });
    if (!x.differentiable) return 0;
    const dX = site.buffer(rows * xRow);
    site.examples((part, first, end) =>
      program.gemm(part, {
        transB: true, m: (end - first) * perExample, n: inputs, k: units, a: dProduct + first * perExample * outRow, lda: units, b: w.at, ldb: units, c: dX + first * perExample * xRow,
        flags: x.gate ? MASK : 0, mask: x.gate + first * perExample * xRow, scratch: () => site.scratch(part, gemmScratch(units, inputs)),
      }));
    return dX;
  };
  return { output: act.output, backward };
}

/** Scratch of `gemm` for a B of k rows and n columns (`assembly/gemm.ts`). */
export const gemmScratch = (k: number, n: number): number => Math.min(k, 384) * (((Math.min(n, 512) + 7) & ~7) + 128) * 4;

export const dense: Planner = (site, layer, input) => {
  const { activation } = layer.layer as unknown as { activation: Activation };
  const { kernel, bias } = paramsOf(site, layer);
  const inputs = layer.inputShape.at(-1)!;
  const units = layer.outputShape.at(-1)!;
  const output = outputOf(site, layer, input, { gated: activation === 'relu', trained: true });
  return product(site, input, input.size / inputs, inputs, output, units, kernel, bias, activation);
};
