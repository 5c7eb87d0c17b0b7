/**
 * Lion: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", Algorithm 2, https://arxiv.org/abs/2302.06675
 *
 *   p ← p − α · (sign(b1·m + (1 − b1)·g) + weightDecay·p)        m ← b2·m + (1 − b2)·g
 *
 * Its users take a tenth of Adam's learning rate and ten times the decay.
 *
 * @torch not there
 * @keras the same; decay of any optimizer there spares nothing
 * @tfjs not there
 */
import { add, factory, hyper, mul, sign, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { addDecayedWeights, decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface LionOptions {
  /** Weight of the old momentum in the update, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the momentum, in [0, 1). Default 0.99. */
  readonly b2?: Hyper;
}

const rules = { b1: hyper(unitHalfOpen), b2: hyper(unitHalfOpen) };

/** Replaces gradients by the sign of their interpolated momentum. */
export const scaleByLion = link<LionOptions>('scaleByLion', rules, ({ b1 = 0.9, b2 = 0.99 }) =>
  elementwise('scaleByLion', {
    hyper: { b1, b2 },
    slots: { m: 0 },
    update: ({ g, m, b1, b2 }) => ({
      g: sign(add(mul(b1, m), mul(sub(1, b1), g))),
      m: add(mul(b2, m), mul(sub(1, b2), g)),
    }),
  }));

/** Lion, with the paper's decoupled decay (0 unless asked for). */
export const lion = factory<LionOptions & LearningRateOptions & { readonly weightDecay?: Hyper; readonly mask?: Mask }, Chain>(
  'lion',
  { ...rules, ...learningRateRules, ...decayRules },
  ({ learningRate, weightDecay = 0, mask, ...options }) => chain(scaleByLion(options), addDecayedWeights({ weightDecay, mask }), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
