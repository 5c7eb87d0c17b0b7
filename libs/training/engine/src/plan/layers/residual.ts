import { floatsOf, gated, gatedCopy, outputOf, type Planned, type Planner, type Site, type Value } from '../site.ts';
import { convolution, windowOf } from './conv2d.ts';
import { product } from './dense.ts';

/** What came in (projected where shapes differ) plus what the layers inside make of it. */
export const residual: Planner = (site, layer, input) => {
  const open = { ...input, gate: 0 };
  const branch = site.through(layer.inner ?? [], open);
  if (!branch) return null;
  const skip = layer.params.length > 0 ? projected(site, layer.name, layer.params[0].shape, open, branch.output) : { output: open, backward: (dOut: number) => dOut };
  const output = outputOf(site, layer, input, { trained: branch.output.differentiable || skip.output.differentiable });
  add(site, branch.output.at, skip.output.at, output.size, output.at);
  return {
    output,
    backward: (dOut) => {
      const throughBranch = branch.output.differentiable ? branch.backward(gatedCopy(site, dOut, branch.output)) : 0;
      const throughSkip = skip.output.differentiable ? skip.backward(dOut) : 0;
      if (!input.differentiable) return 0;
      if (throughBranch === 0) return gatedCopy(site, throughSkip, input);
      const dX = site.buffer(floatsOf(site.batch * input.size));
      add(site, throughBranch, throughSkip, input.size, dX);
      return gated(site, dX, input);
    },
  };
};

function add(site: Site, a: number, b: number, size: number, out: number): void {
  site.examples((part, first, end) => {
    const offset = floatsOf(first * size);
    site.program.call(part, 'addInto', a + offset, b + offset, (end - first) * size, out + offset);
  });
}

/** W x: a convolution of one pixel with the branch's stride, or a matrix. */
function projected(site: Site, name: string, kernelShape: readonly number[], input: Value, branch: Value): Planned {
  const output = outputOf(site, { outputShape: branch.shape }, input, { trained: true });
  if (kernelShape.length === 2) return product(site, input, input.size / kernelShape[0], kernelShape[0], output, kernelShape[1], site.param(`${name}/projection`), undefined, 'linear');
  const stride = [Math.round(input.shape[0] / branch.shape[0]), Math.round(input.shape[1] / branch.shape[1])] as const;
  return convolution(site, input, windowOf(site.batch, input.shape, branch.shape, 1, stride, 'same'), output, site.param(`${name}/projection`), undefined, 'linear');
}
