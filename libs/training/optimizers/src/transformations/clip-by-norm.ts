/**
 * Clipping by the norm of each tensor by itself (Keras's `clipnorm`): g ← g · min(1, maxNorm/‖g‖). A zero norm changes nothing.
 */
import { div, eq, hyper, min, mul, positive, sqrt, square, sum, where, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface ClipByNormOptions {
  /** Largest norm of a tensor that passes, above 0. */
  readonly maxNorm: Hyper;
}

export const clipByNorm = positional('maxNorm', link<ClipByNormOptions>('clipByNorm', { maxNorm: hyper(positive) }, ({ maxNorm }) =>
  elementwise('clipByNorm', {
    hyper: { maxNorm },
    update: ({ g, maxNorm }) => {
      const norm = sqrt(sum(square(g), 'tensor'));
      return { g: mul(g, where(eq(norm, 0), 1, min(1, div(maxNorm, norm)))) };
    },
  }), ['maxNorm']));
