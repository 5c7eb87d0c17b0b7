/**
 * AMSGrad: Reddi et al. 2018, "On the Convergence of Adam and Beyond", Algorithm 2, https://arxiv.org/abs/1904.09237
 *
 *   m, v as in Adam        vMax ← max(vMax, v)
 *   p ← p − α · m/(1 − b1ᵗ) / (√(vMax/(1 − b2ᵗ)) + eps)
 *
 * The paper corrects no bias; all libraries do, taking the maximum of the uncorrected v.
 *
 * @torch the same (`amsgrad=True`)
 * @keras as Adam there: eps (1e-7) is added to the root of the uncorrected vMax: `epsHat: true`
 * @tfjs not there
 */
import { add, factory, max, mul, square, sub } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import { adamDirection, adamRules, type AdamOptions } from './adam.ts';

/** Replaces gradients by AMSGrad's direction. */
export const scaleByAmsgrad = link<AdamOptions>('scaleByAmsgrad', adamRules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8, epsHat = false }) =>
  elementwise('scaleByAmsgrad', {
    hyper: { b1, b2, eps },
    slots: { m: 0, v: 0, vMax: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = add(mul(b2, old.v), mul(sub(1, b2), square(g)));
      const vMax = max(old.vMax, v);
      return { g: adamDirection(m, vMax, t, { b1, b2, eps, epsHat }), m, v, vMax };
    },
  }));

/** AMSGrad. */
export const amsgrad = factory<AdamOptions & LearningRateOptions, Chain>(
  'amsgrad',
  { ...adamRules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAmsgrad(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
