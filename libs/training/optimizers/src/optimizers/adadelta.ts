/**
 * Adadelta: Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method", Algorithm 1, https://arxiv.org/abs/1212.5701
 *
 *   v ← decay·v + (1 − decay)·g²        d = g · √(u + eps) / √(v + eps)
 *   u ← decay·u + (1 − decay)·d²        p ← p − α · d
 *
 * v already holds this gradient when it divides. There is no learning rate on paper: α is 1. Two slots, not a window of gradients.
 *
 * @torch the same; learningRate 1
 * @keras decay 0.95, eps 1e-7; learningRate 0.001, which makes it crawl
 * @tfjs divides by v as it was before this gradient: the first step is plain SGD with rate α
 */
import { add, div, factory, hyper, mul, nonNegative, sqrt, square, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AdadeltaOptions {
  /** Decay of both averages, in [0, 1). Default 0.9. */
  readonly decay?: Hyper;
  /** Added under both roots, at least 0; sets the size of the first step. Default 1e-6. */
  readonly eps?: Hyper;
}

export interface AdadeltaOptimizerOptions extends AdadeltaOptions {
  /** Step size, at least 0. Default 1, the paper's. */
  readonly learningRate?: Hyper;
}

const rules = { decay: hyper(unitHalfOpen), eps: hyper(nonNegative) };

/** Replaces gradients by steps in the units of the params. */
export const scaleByAdadelta = link<AdadeltaOptions>('scaleByAdadelta', rules, ({ decay = 0.9, eps = 1e-6 }) =>
  elementwise('scaleByAdadelta', {
    hyper: { decay, eps },
    slots: { v: 0, u: 0 },
    update: ({ g, decay, eps, ...old }) => {
      const v = add(mul(decay, old.v), mul(sub(1, decay), square(g)));
      const d = mul(g, div(sqrt(add(old.u, eps)), sqrt(add(v, eps))));
      return { g: d, v, u: add(mul(decay, old.u), mul(sub(1, decay), square(d))) };
    },
  }));

/** Adadelta. */
export const adadelta = factory<AdadeltaOptimizerOptions, Chain>(
  'adadelta',
  { ...rules, ...learningRateRules },
  ({ learningRate = 1, ...options }) => chain(scaleByAdadelta(options), scaleByLearningRate(learningRate)),
);
