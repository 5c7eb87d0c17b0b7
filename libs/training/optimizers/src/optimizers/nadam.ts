/**
 * NAdam: Dozat 2016, "Incorporating Nesterov Momentum into Adam", Algorithm 2, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ,
 * with the schedule of his technical report (section 2.1): μₜ = b1·(1 − ½·0.96^(t·momentumDecay)).
 *
 *   m, v as in Adam        Πₜ = μ₁·…·μₜ
 *   p ← p − α · (μₜ₊₁·m/(1 − Πₜ₊₁) + (1 − μₜ)·g/(1 − Πₜ)) / (√(v/(1 − b2ᵗ)) + eps)
 *
 * @torch the same; 1.13 multiplied μ twice into the next product, and keeps the product in float32
 * @keras momentumDecay 1 under this formula; eps 1e-7
 * @tfjs not there
 */
import { add, div, factory, hyper, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, type Expr, type Hyper, type Term } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface NadamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root, at least 0. Default 1e-8. */
  readonly eps?: Hyper;
  /** How fast the momentum rises from b1 / 2 to b1, at least 0. Default 0.004. */
  readonly momentumDecay?: Hyper;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative), momentumDecay: hyper(nonNegative) };

/** Replaces gradients by NAdam's direction. */
export const scaleByNadam = link<NadamOptions>('scaleByNadam', rules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8, momentumDecay = 0.004 }) =>
  elementwise('scaleByNadam', {
    hyper: { b1, b2, eps, momentumDecay },
    slots: { m: 0, v: 0 },
    scalars: { product: 1 },
    update: ({ g, t, b1, b2, eps, momentumDecay, ...old }) => {
      const mu = (at: Term): Expr => mul(b1, sub(1, mul(0.5, pow(0.96, mul(at, momentumDecay)))));
      const [now, next] = [mu(t), mu(add(t, 1))];
      const product = mul(old.product, now);
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = add(mul(b2, old.v), mul(sub(1, b2), square(g)));
      const ahead = add(mul(div(next, sub(1, mul(product, next))), m), mul(div(sub(1, now), sub(1, product)), g));
      return { g: div(ahead, add(sqrt(div(v, sub(1, pow(b2, t)))), eps)), m, v, product };
    },
  }));

/** NAdam. */
export const nadam = factory<NadamOptions & LearningRateOptions, Chain>(
  'nadam',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByNadam(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
