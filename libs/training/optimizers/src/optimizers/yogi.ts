/**
 * Yogi: Zaheer et al. 2018, "Adaptive Methods for Nonconvex Optimization", Algorithm 2,
 * https://papers.nips.cc/paper/2018/hash/90365351ccc7437a1309dc64e4db32a3-Abstract.html
 *
 *   m ← b1·m + (1 − b1)·g        v ← v − (1 − b2)·sign(v − g²)·g²
 *   p ← p − α · m/(1 − b1ᵗ) / (√(v/(1 − b2ᵗ)) + eps)
 *
 * v forgets in steps of the gradient's own size. The bias corrections are those of the authors' code; both slots start at
 * `initialAccumulator`.
 *
 * @torch not there
 * @keras not there
 * @tfjs not there
 */
import { add, div, factory, hyper, mul, nonNegative, pow, sign, sqrt, square, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface YogiOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root, at least 0. Default 1e-3. */
  readonly eps?: Hyper;
  /** What the moments start at. Default 1e-6. */
  readonly initialAccumulator?: number;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative), initialAccumulator: nonNegative };

/** Replaces gradients by Yogi's direction. */
export const scaleByYogi = link<YogiOptions>('scaleByYogi', rules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-3, initialAccumulator = 1e-6 }) =>
  elementwise('scaleByYogi', {
    hyper: { b1, b2, eps },
    slots: { m: initialAccumulator, v: initialAccumulator },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = sub(old.v, mul(sub(1, b2), mul(sign(sub(old.v, square(g))), square(g))));
      return { g: div(div(m, sub(1, pow(b1, t))), add(sqrt(div(v, sub(1, pow(b2, t)))), eps)), m, v };
    },
  }));

/** Yogi. */
export const yogi = factory<YogiOptions & LearningRateOptions, Chain>(
  'yogi',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByYogi(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
