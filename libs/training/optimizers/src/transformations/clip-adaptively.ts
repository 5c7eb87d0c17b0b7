/**
 * Adaptive gradient clipping: Brock et al. 2021, "High-Performance Large-Scale Image Recognition Without Normalization", section 4.1,
 * https://arxiv.org/abs/2102.06171
 *
 *   per unit: g ← g · min(1, clipping · max(‖p‖, eps)/‖g‖)
 *
 * A unit is an output: all axes but the last (kernels [in, out] and [height, width, in, out]); a vector is one unit. Torch code, with
 * kernels [out, …], takes the first axis. eps keeps layers that start at zero from never moving.
 */
import { div, element, eq, hyper, max, min, mul, positive, sqrt, square, uniform, where, type Hyper } from '@gradstream/numerics';
import { butLast } from '../arrays.ts';
import { positional } from '../positional.ts';
import { link, tensorwise, type Tensorwise } from '../transformation.ts';

export interface ClipAdaptivelyOptions {
  /** Largest ratio of the norms of gradient and weights, above 0. Default 0.01. */
  readonly clipping?: Hyper;
  /** Smallest norm of the weights, above 0. Default 1e-3. */
  readonly eps?: Hyper;
}

const [g, x, params, gradients] = ['g', 'x', 'params', 'gradients'].map(element);
const squared = square(x);
const norm = sqrt(gradients);
const clipped = mul(g, where(eq(norm, 0), 1, min(1, div(mul(uniform('clipping'), max(sqrt(params), uniform('eps'))), norm))));

export const clipAdaptively = positional('clipping', link<ClipAdaptivelyOptions, Tensorwise>('clipAdaptively', { clipping: hyper(positive), eps: hyper(positive) }, ({ clipping = 0.01, eps = 1e-3 }) =>
  tensorwise('clipAdaptively', {
    hyper: { clipping, eps },
    slots: () => ({}),
    update: ({ ops, param: { shape }, g, p, hyper }) => {
      const view = butLast(shape);
      const [params, gradients] = [p, g].map((each) => ops.spread(ops.sumMiddle(ops.map(squared, { x: each }), view), view));
      return { g: ops.map(clipped, { g, params, gradients }, hyper) };
    },
  })));
