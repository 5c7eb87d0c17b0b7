/**
 * signSGD and Signum: Bernstein et al. 2018, "signSGD: Compressed Optimisation for Non-Convex Problems", Algorithms 1 and 2,
 * https://arxiv.org/abs/1802.04434
 *
 *   signSGD: p ← p − α · sign(g)        Signum: m ← momentum·m + (1 − momentum)·g, p ← p − α · sign(m)
 *
 * sign(0) is 0. Every weight moves by α: the learning rate is a distance.
 *
 * @torch not there
 * @keras not there
 * @tfjs not there; on its wasm backend `tf.sign` is 0 below 1.2e-7
 */
import { add, factory, hyper, mul, sign, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { scaleBySign } from '../transformations/scale-by-sign.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface SignumOptions {
  /** Decay of the averaged gradient, in [0, 1). Default 0.9. */
  readonly momentum?: Hyper;
}

const rules = { momentum: hyper(unitHalfOpen) };

/** Replaces gradients by the sign of their average. */
export const scaleBySignum = link<SignumOptions>('scaleBySignum', rules, ({ momentum = 0.9 }) =>
  elementwise('scaleBySignum', {
    hyper: { momentum },
    slots: { m: 0 },
    update: ({ g, momentum, ...old }) => {
      const m = add(mul(momentum, old.m), mul(sub(1, momentum), g));
      return { g: sign(m), m };
    },
  }));

/** Signum. */
export const signum = factory<SignumOptions & LearningRateOptions, Chain>(
  'signum',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleBySignum(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);

/** signSGD. */
export const signSgd = factory<LearningRateOptions, Chain>('signSgd', learningRateRules, ({ learningRate }) => chain(scaleBySign(), scaleByLearningRate(learningRate)), ['learningRate']);
