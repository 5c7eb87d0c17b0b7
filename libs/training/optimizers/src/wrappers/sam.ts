/**
 * Sharpness-aware minimization: Foret et al. 2021, "Sharpness-Aware Minimization for Efficiently Improving Generalization", Algorithm 1,
 * https://arxiv.org/abs/2010.01412; adaptive: Kwon et al. 2021, "ASAM", Algorithm 1, https://arxiv.org/abs/2102.11600
 *
 *   SAM:  e = rho · g/‖g‖        ASAM:  e = rho · p²·g/‖|p|·g‖        then the inner optimizer with ∇L(p + e)
 *
 * The norm goes over all tensors. Both gradients are of the same batch with the same masks; running statistics move in the first pass only.
 */
import { abs, add, boolean, div, element, eq, hyper, mul, nonNegative, sqrt, square, uniform, where, type Expr, type Hyper, InputError } from '@gradstream/numerics';
import type { ArrayOps } from '../arrays.ts';
import type { Named } from '../bound.ts';
import { aTransformation, link, wrapper, type Transformation, type Wrapper } from '../transformation.ts';

export interface SamOptions {
  /** The optimizer that gets the sharp gradient. */
  readonly inner: Transformation;
  /** How far to climb, at least 0. Default 0.05 (2 is usual for ASAM). */
  readonly rho?: Hyper;
  /** Climbs in the scale of the weights (ASAM). Default false. */
  readonly adaptive?: boolean;
}

const [g, p, total] = ['g', 'p', 'total'].map(element);
const climbed = (direction: Expr): Expr => add(p, mul(where(eq(total, 0), 0, div(uniform('rho'), sqrt(total))), direction));
const RULES = {
  plain: { squared: square(g), climb: climbed(g) },
  adaptive: { squared: square(mul(abs(p), g)), climb: climbed(mul(square(p), g)) },
};
const both = add(element('a'), element('b'));

/** Takes the gradient at the worst point nearby, and hands it to the inner optimizer. Twice the work per step. */
export const sam = link<SamOptions, Wrapper>('sam', { inner: aTransformation, rho: hyper(nonNegative), adaptive: boolean }, ({ inner, rho = 0.05, adaptive = false }) => {
  const { squared, climb } = RULES[adaptive ? 'adaptive' : 'plain'];
  return wrapper('sam', {
    inner,
    hyper: { rho },
    slots: [],
    counts: [],
    update: ({ ops, params, updates, gradientsAt, hyper: { rho }, step, inner: run }) => {
      if (!gradientsAt) throw new InputError('sam: needs the gradient of the same batch at other params (gradientsAt), which this caller does not give');
      const total = totalOf(ops, params, updates, squared);
      if (total === undefined) return run(updates, step);
      const sharp = new Map(params);
      for (const [name, g] of updates) {
        const p = params.get(name)!;
        sharp.set(name, ops.map(climb, { p, g, total: ops.spreadLike(total, g) }, { rho }));
      }
      return run(new Map([...gradientsAt(sharp)].filter(([name]) => updates.has(name))), step);
    },
  });
}, ['inner']);

/** The sum of an expression over all tensors, as an array of one. */
function totalOf<A>(ops: ArrayOps<A>, params: Named<A>, updates: Named<A>, expr: Expr): A | undefined {
  let total: A | undefined;
  for (const [name, g] of updates) {
    const part = ops.sumAll(ops.map(expr, { g, p: params.get(name)! }));
    total = total === undefined ? part : ops.map(both, { a: total, b: part });
  }
  return total;
}
