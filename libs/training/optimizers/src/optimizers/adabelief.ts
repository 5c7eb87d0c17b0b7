/**
 * AdaBelief: Zhuang et al. 2020, "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients", Algorithm 2,
 * https://arxiv.org/abs/2010.07468
 *
 *   m ← b1·m + (1 − b1)·g        s ← b2·s + (1 − b2)·(g − m)² + eps
 *   p ← p − α · m/(1 − b1ᵗ) / (√(s/(1 − b2ᵗ)) + eps)
 *
 * eps stands twice, as in the paper's algorithm: inside s it gathers.
 *
 * @torch not there
 * @keras not there
 * @tfjs not there
 */
import { add, div, factory, hyper, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdaBeliefOptions {
  /** Decay of the mean, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the variance, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the variance and to its root, at least 0. Default 1e-16. */
  readonly eps?: Hyper;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative) };

/** Replaces gradients by AdaBelief's direction. */
export const scaleByAdaBelief = link<AdaBeliefOptions>('scaleByAdaBelief', rules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-16 }) =>
  elementwise('scaleByAdaBelief', {
    hyper: { b1, b2, eps },
    slots: { m: 0, s: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const s = add(add(mul(b2, old.s), mul(sub(1, b2), square(sub(g, m)))), eps);
      return { g: div(div(m, sub(1, pow(b1, t))), add(sqrt(div(s, sub(1, pow(b2, t)))), eps)), m, s };
    },
  }));

/** AdaBelief. */
export const adabelief = factory<AdaBeliefOptions & LearningRateOptions, Chain>(
  'adabelief',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAdaBelief(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
