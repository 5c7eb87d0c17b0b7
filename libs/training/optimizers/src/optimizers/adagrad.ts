/**
 * Adagrad: Duchi et al. 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", section 1.2 (diagonal form),
 * https://jmlr.org/papers/v12/duchi11a.html
 *
 *   s ← s + g²        p ← p − α · g / (√s + eps)
 *
 * It sums squared gradients (not the changes of the params), so its steps only get smaller.
 *
 * @torch the same; its `lr_decay` is the schedule `inverseTime`
 * @keras s starts at 0.1, eps 1e-7 stands under the root: `epsInside: true`; learningRate 0.001
 * @tfjs as Keras; eps cannot be set
 */
import { add, boolean, div, factory, hyper, nonNegative, sqrt, square, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdagradOptions {
  /** What the sum of squares starts at. Default 0. */
  readonly initialAccumulator?: number;
  /** Added to the root (or under it), at least 0. Default 1e-10. */
  readonly eps?: Hyper;
  /** Adds eps under the root. Default false. */
  readonly epsInside?: boolean;
}

const rules = { initialAccumulator: nonNegative, eps: hyper(nonNegative), epsInside: boolean };

/** Divides gradients by the root of the sum of their squares so far. */
export const scaleByAdagrad = link<AdagradOptions>('scaleByAdagrad', rules, ({ initialAccumulator = 0, eps = 1e-10, epsInside = false }) =>
  elementwise('scaleByAdagrad', {
    hyper: { eps },
    slots: { s: initialAccumulator },
    update: ({ g, eps, ...old }) => {
      const s = add(old.s, square(g));
      return { g: div(g, epsInside ? sqrt(add(s, eps)) : add(sqrt(s), eps)), s };
    },
  }));

/** Adagrad. */
export const adagrad = factory<AdagradOptions & LearningRateOptions, Chain>(
  'adagrad',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAdagrad(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
