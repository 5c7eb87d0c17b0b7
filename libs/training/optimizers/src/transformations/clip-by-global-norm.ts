/**
 * Clipping by the norm of all gradients together: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks",
 * section 3.2, https://arxiv.org/abs/1211.5063
 *
 *   g ← g · min(1, maxNorm / (‖g‖ + eps))
 *
 * torch adds eps = 1e-6 to the norm; here it is 0, so that the clipped norm is maxNorm exactly (as in optax). A zero norm changes nothing.
 */
import { div, eq, hyper, min, mul, nonNegative, positive, sqrt, square, sum, where, add, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface ClipByGlobalNormOptions {
  /** Largest norm that passes, above 0. */
  readonly maxNorm: Hyper;
  /** Added to the norm before dividing, at least 0. Default 0. */
  readonly eps?: Hyper;
}

export const clipByGlobalNorm = positional('maxNorm', link<ClipByGlobalNormOptions>(
  'clipByGlobalNorm',
  { maxNorm: hyper(positive), eps: hyper(nonNegative) },
  ({ maxNorm, eps = 0 }) => elementwise('clipByGlobalNorm', {
    hyper: { maxNorm, eps },
    update: ({ g, maxNorm, eps }) => {
      const norm = add(sqrt(sum(square(g), 'all')), eps);
      return { g: mul(g, where(eq(norm, 0), 1, min(1, div(maxNorm, norm)))) };
    },
  }),
  ['maxNorm'],
));
