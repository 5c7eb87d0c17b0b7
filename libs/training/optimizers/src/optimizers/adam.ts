/**
 * Adam: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", Algorithm 1, https://arxiv.org/abs/1412.6980
 *
 *   m ← b1·m + (1 − b1)·g        v ← b2·v + (1 − b2)·g²
 *   p ← p − α · m/(1 − b1ᵗ) / (√(v/(1 − b2ᵗ)) + eps)
 *
 * t counts the updates of each param, so that a param that was frozen for a while is corrected for its own steps.
 *
 * @torch the same
 * @keras eps (1e-7) is added to the root of the uncorrected v, the paper's "epsilon hat": `epsHat: true`
 * @tfjs the same; eps 1e-7 (1e-4 where textures have 16 bit), the powers of b1 and b2 kept in float32
 */
import { add, boolean, div, factory, hyper, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, type Expr, type Hyper } from '@gradstream/numerics';
import { scaleByLearningRate, learningRateRules, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root, at least 0. Default 1e-8. */
  readonly eps?: Hyper;
  /** Adds eps to the root of the uncorrected second moment (Keras). Default false. */
  readonly epsHat?: boolean;
}

export const adamRules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), eps: hyper(nonNegative), epsHat: boolean };

/** Replaces gradients by Adam's direction. */
export const scaleByAdam = link<AdamOptions>('scaleByAdam', adamRules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8, epsHat = false }) =>
  elementwise('scaleByAdam', {
    hyper: { b1, b2, eps },
    slots: { m: 0, v: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = add(mul(b2, old.v), mul(sub(1, b2), square(g)));
      return { g: adamDirection(m, v, t, { b1, b2, eps, epsHat }), m, v };
    },
  }));

/** m/(1 − b1ᵗ) / (√(v/(1 − b2ᵗ)) + eps) in the order of section 2 of the paper: the corrections are one factor, and one on eps. */
export function adamDirection(m: Expr, v: Expr, t: Expr, { b1, b2, eps, epsHat }: { b1: Expr; b2: Expr; eps: Expr; epsHat: boolean }): Expr {
  const [c1, c2] = [sub(1, pow(b1, t)), sub(1, pow(b2, t))];
  return div(mul(div(sqrt(c2), c1), m), add(sqrt(v), epsHat ? eps : mul(eps, sqrt(c2))));
}

/** Adam. Weight decay is a link of its own; see `adamw`. */
export const adam = factory<AdamOptions & LearningRateOptions, Chain>(
  'adam',
  { ...adamRules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAdam(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
