/**
 * RAdam: Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond", Algorithm 2, https://arxiv.org/abs/1908.03265
 *
 *   ρ∞ = 2/(1 − b2) − 1        ρₜ = ρ∞ − 2t·b2ᵗ/(1 − b2ᵗ)
 *   ρₜ > 5:  p ← p − α · r·m/(1 − b1ᵗ) · √(1 − b2ᵗ)/(√v + eps)      r² = (ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)
 *   else:    p ← p − α · m/(1 − b1ᵗ)
 *
 * The first steps (five with b2 = 0.999) are momentum SGD at Adam's learning rate, not divided by anything: they may overshoot.
 * The paper switches at ρₜ > 4.
 *
 * @torch the same
 * @keras not there
 * @tfjs not there
 */
import { add, div, factory, gt, hyper, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, where, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface RadamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root of the uncorrected second moment, at least 0. Default 1e-8. */
  readonly eps?: Hyper;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative) };

/** Replaces gradients by RAdam's direction. */
export const scaleByRadam = link<RadamOptions>('scaleByRadam', rules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }) =>
  elementwise('scaleByRadam', {
    hyper: { b1, b2, eps },
    slots: { m: 0, v: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = add(mul(b2, old.v), mul(sub(1, b2), square(g)));
      const c2 = sub(1, pow(b2, t));
      const rhoMax = sub(div(2, sub(1, b2)), 1);
      const rho = sub(rhoMax, div(mul(2, mul(t, pow(b2, t))), c2));
      const rectification = sqrt(div(mul(mul(sub(rho, 4), sub(rho, 2)), rhoMax), mul(mul(sub(rhoMax, 4), sub(rhoMax, 2)), rho)));
      const mean = div(m, sub(1, pow(b1, t)));
      return { g: where(gt(rho, 5), div(mul(mul(rectification, sqrt(c2)), mean), add(sqrt(v), eps)), mean), m, v };
    },
  }));

/** RAdam. */
export const radam = factory<RadamOptions & LearningRateOptions, Chain>(
  'radam',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByRadam(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
