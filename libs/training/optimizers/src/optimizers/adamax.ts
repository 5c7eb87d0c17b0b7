/**
 * Adamax: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", Algorithm 2, https://arxiv.org/abs/1412.6980
 *
 *   m ← b1·m + (1 − b1)·g        u ← max(b2·u, |g|)        p ← p − α/(1 − b1ᵗ) · m/(u + eps)
 *
 * The paper has no eps and divides 0 by 0 where a gradient has always been 0.
 *
 * @torch eps enters the maximum: u ← max(b2·u, |g| + eps), `epsInMax: true`
 * @keras the same; eps 1e-7
 * @tfjs the same; eps 1e-7; its state cannot be saved
 */
import { abs, add, boolean, div, factory, hyper, max, mul, nonNegative, pow, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdamaxOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the largest gradient, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the divisor (or to the gradient in the maximum), at least 0. Default 1e-8. */
  readonly eps?: Hyper;
  /** Adds eps to |g| in the maximum (torch). Default false. */
  readonly epsInMax?: boolean;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative), epsInMax: boolean };

/** Replaces gradients by Adamax's direction. */
export const scaleByAdamax = link<AdamaxOptions>('scaleByAdamax', rules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8, epsInMax = false }) =>
  elementwise('scaleByAdamax', {
    hyper: { b1, b2, eps },
    slots: { m: 0, u: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const u = max(mul(b2, old.u), epsInMax ? add(abs(g), eps) : abs(g));
      return { g: div(div(m, sub(1, pow(b1, t))), epsInMax ? u : add(u, eps)), m, u };
    },
  }));

/** Adamax. */
export const adamax = factory<AdamaxOptions & LearningRateOptions, Chain>(
  'adamax',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAdamax(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
