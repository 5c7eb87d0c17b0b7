/**
 * Momentum: Polyak 1964, "Some methods of speeding up the convergence of iteration methods",
 * https://doi.org/10.1016/0041-5553(64)90137-5
 *
 *   m ← momentum·m + (1 − dampening)·g        p ← p − α · m
 *
 * The first gradient enters whole: dampening begins with the second (torch's rule). The learning rate stands outside m, so a schedule
 * acts at once on all that m has gathered.
 *
 * @torch the same
 * @keras the learning rate stands inside: m ← momentum·m − α·g, which differs after any change of α
 * @tfjs the same, without dampening; `setMomentum` has no effect
 */
import { add, eq, factory, hyper, mul, sub, unitClosed, unitHalfOpen, where, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface MomentumOptions {
  /** How much of the gathered direction stays, in [0, 1). Default 0.9. */
  readonly momentum?: Hyper;
  /** How much of each new gradient, after the first, is left out, in [0, 1]. Default 0. */
  readonly dampening?: Hyper;
}

export const momentumRules = { momentum: hyper(unitHalfOpen), dampening: hyper(unitClosed) };

/** Replaces gradients by their decaying sum. */
export const scaleByMomentum = link<MomentumOptions>('scaleByMomentum', momentumRules, ({ momentum = 0.9, dampening = 0 }) =>
  elementwise('scaleByMomentum', {
    hyper: { momentum, dampening },
    slots: { m: 0 },
    update: ({ g, t, momentum, dampening, ...old }) => {
      const m = add(mul(momentum, old.m), mul(where(eq(t, 1), 1, sub(1, dampening)), g));
      return { g: m, m };
    },
  }));

/** Gradient descent with momentum. */
export const momentum = factory<MomentumOptions & LearningRateOptions, Chain>(
  'momentum',
  { ...momentumRules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByMomentum(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
