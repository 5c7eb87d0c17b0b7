/**
 * Clipping by the norm of all gradients together: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks",
 * section 3.2, https://arxiv.org/abs/1211.5063
 *
 *   g ← g · min(1, maxNorm / (‖g‖ + eps))
 *
 * torch adds eps = 1e-6 to the norm; here it is 0, so that the clipped norm is maxNorm exactly (as in optax). A zero norm changes nothing.
 */
import { abs, add, div, element, eq, hyper, max, min, mul, nonNegative, oneOf, positive, sqrt, square, sum, uniform, where, type Expr, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { chain, elementwise, link, wrapper, type Elementwise, type Wrapper } from '../transformation.ts';

export interface ClipByGlobalNormOptions {
  /** Largest norm that passes, above 0. */
  readonly maxNorm: Hyper;
  /** Added to the norm before dividing, at least 0. Default 0. */
  readonly eps?: Hyper;
  /** The norm of all gradients as one vector: Euclidean (2), sum of absolute values (1), or the largest one ('max'). Default 2. */
  readonly norm?: 1 | 2 | 'max';
}

const clipped = (g: Expr, norm: Expr, maxNorm: Expr): Expr => mul(g, where(eq(norm, 0), 1, min(1, div(maxNorm, norm))));
const NORMS = { 1: (g: Expr) => sum(abs(g), 'all'), 2: (g: Expr) => sqrt(sum(square(g), 'all')) };

export const clipByGlobalNorm = positional('maxNorm', link<ClipByGlobalNormOptions, Elementwise | Wrapper>(
  'clipByGlobalNorm',
  { maxNorm: hyper(positive), eps: hyper(nonNegative), norm: oneOf(1, 2, 'max') },
  ({ maxNorm, eps = 0, norm = 2 }) =>
    norm === 'max'
      ? clipByLargest({ maxNorm, eps })
      : elementwise('clipByGlobalNorm', { hyper: { maxNorm, eps }, update: ({ g, maxNorm, eps }) => ({ g: clipped(g, add(NORMS[norm](g), eps), maxNorm) }) }),
  ['maxNorm'],
));

const larger = max(element('a'), element('b'));
const clippedBy = clipped(element('g'), add(element('norm'), uniform('eps')), uniform('maxNorm'));

/** A maximum is no sum: found tensor by tensor, before the rest of the chain. */
const clipByLargest = (hyper: { readonly maxNorm: Hyper; readonly eps: Hyper }): Wrapper =>
  wrapper('clipByGlobalNorm', {
    inner: chain(),
    hyper,
    slots: [],
    counts: [],
    update: ({ ops, updates, hyper, step, inner }) => {
      const norms = [...updates.values()].map((g) => ops.maxAbs(g));
      if (norms.length === 0) return inner(updates, step);
      const norm = norms.reduce((a, b) => ops.map(larger, { a, b }));
      return inner(new Map([...updates].map(([name, g]) => [name, ops.map(clippedBy, { g, norm: ops.spreadLike(norm, g) }, hyper)])), step);
    },
  });
