import type { Activation } from '@gradstream/models';
import { floatsOf, gated, gatedCopy, outputOf, type Planner } from '../site.ts';
import { activated } from './dense.ts';
import { ACTIVATIONS } from '../../kernels/flags.ts';

/** An activation of its own. */
export const activation: Planner = (site, { layer }, input) => {
  const of = layer.of as Activation;
  if (of === 'linear') return { output: input, backward: (dOut) => dOut };
  if (of !== 'relu') {
    const act = activated(site, of, input);
    return { output: act.output, backward: (dOut) => gated(site, act.backward(dOut), input) };
  }
  const at = site.buffer(floatsOf(site.batch * input.size));
  site.examples((part, first, end) => {
    const offset = floatsOf(first * input.size);
    site.program.call(part, 'activate', ACTIVATIONS.relu, input.at + offset, (end - first) * input.size, at + offset);
  });
  // The consumer gates the gradient, so nothing is left to do.
  return { output: { ...input, at, gate: at }, backward: (dOut) => gatedCopy(site, dOut, input) };
};

/** The same numbers under another shape. */
export const flatten: Planner = (_, layer, input) => ({ output: { ...input, shape: layer.outputShape }, backward: (dOut) => dOut });

/** Inverted dropout; the scales are those that the tape path draws for this key. */
export const dropout: Planner = (site, layer, input) => {
  const rate = layer.layer.rate as number;
  if (!site.training || rate === 0) return { output: input, backward: (dOut) => dOut };
  const key = site.key(layer.name);
  const scales = site.buffer(floatsOf(site.batch * input.size));
  const output = outputOf(site, layer, input, { gated: input.gate !== 0 });
  site.examples((part, first, end) => {
    const offset = floatsOf(first * input.size);
    site.program.call(part, 'dropout', input.at + offset, first * input.size, (end - first) * input.size, rate, rate < 1 ? 1 / (1 - rate) : 0, key, scales + offset, output.at + offset);
  });
  return {
    output,
    backward: (dOut) => {
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(site.batch * input.size));
      site.examples((part, first, end) => {
        const offset = floatsOf(first * input.size);
        site.program.call(part, 'mulInto', dOut + offset, scales + offset, (end - first) * input.size, dX + offset);
      });
      return dX;
    },
  };
};
