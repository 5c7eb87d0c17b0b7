/**
 * Adan: Xie et al. 2022, "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models", Algorithm 1,
 * https://arxiv.org/abs/2208.06677
 *
 *   m ← b1·m + (1 − b1)·g        d ← b2·d + (1 − b2)·(g − gₒ)        n ← b3·n + (1 − b3)·(g + b2·(g − gₒ))²
 *   p ← (p − α · (m/(1 − b1ᵗ) + b2·d/(1 − b2ᵗ)) / (√(n/(1 − b3ᵗ)) + eps)) / (1 + α·weightDecay)
 *
 * The decays are written as what stays (0.98, 0.92, 0.99); the paper writes what comes (0.02, 0.08, 0.01). The first difference of
 * gradients is 0. The decay is proximal: it divides.
 *
 * @torch not there
 * @keras not there
 * @tfjs not there
 */
import { add, div, eq, factory, hyper, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, where, type Expr, type Hyper } from '@gradstream/numerics';
import { decayProximally } from '../transformations/decay-proximally.ts';
import { decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdanOptions {
  /** Decay of the mean, in [0, 1). Default 0.98. */
  readonly b1?: Hyper;
  /** Decay of the mean difference, in [0, 1). Default 0.92. */
  readonly b2?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.99. */
  readonly b3?: Hyper;
  /** Added to the root, at least 0. Default 1e-8. */
  readonly eps?: Hyper;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen), b3: hyper(unitHalfOpen), eps: hyper(nonNegative) };

/** Replaces gradients by Adan's direction. */
export const scaleByAdan = link<AdanOptions>('scaleByAdan', rules, ({ b1 = 0.98, b2 = 0.92, b3 = 0.99, eps = 1e-8 }) =>
  elementwise('scaleByAdan', {
    hyper: { b1, b2, b3, eps },
    slots: { m: 0, d: 0, n: 0, last: 0 },
    update: ({ g, t, b1, b2, b3, eps, ...old }) => {
      const average = (decay: Expr, slot: Expr, of: Expr): Expr => add(mul(decay, slot), mul(sub(1, decay), of));
      const corrected = (decay: Expr, slot: Expr): Expr => div(slot, sub(1, pow(decay, t)));
      const difference = where(eq(t, 1), 0, sub(g, old.last));
      const m = average(b1, old.m, g);
      const d = average(b2, old.d, difference);
      const n = average(b3, old.n, square(add(g, mul(b2, difference))));
      return { g: div(add(corrected(b1, m), mul(b2, corrected(b2, d))), add(sqrt(corrected(b3, n)), eps)), m, d, n, last: g };
    },
  }));

/** Adan, with its proximal decay (0 unless asked for). */
export const adan = factory<AdanOptions & LearningRateOptions & { readonly weightDecay?: Hyper; readonly mask?: Mask }, Chain>(
  'adan',
  { ...rules, ...learningRateRules, ...decayRules },
  ({ learningRate, weightDecay = 0, mask, ...options }) => chain(scaleByAdan(options), scaleByLearningRate(learningRate), decayProximally({ learningRate, weightDecay, mask })),
  ['learningRate'],
);
