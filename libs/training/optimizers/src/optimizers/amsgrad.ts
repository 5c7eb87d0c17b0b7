/**
 * AMSGrad: Reddi et al. 2018, "On the Convergence of Adam and Beyond", Algorithm 2, https://arxiv.org/abs/1904.09237
 *
 *   m, v as in Adam        vMax ← max(vMax, v)
 *   p ← p − α · m/(1 − b1ᵗ) / (√(vMax/(1 − b2ᵗ)) + eps)
 *
 * The paper corrects no bias; all libraries do, taking the maximum of the uncorrected v.
 *
 * @torch the same (`amsgrad=True`)
 * @keras as Adam there: eps (1e-7) beside the root of the uncorrected vMax
 * @tfjs not there
 */
import { add, div, factory, max, mul, pow, sqrt, square, sub } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import { adamRules, type AdamOptions } from './adam.ts';

export type AmsgradOptions = Omit<AdamOptions, 'epsHat'>;

const { b1, b2, eps } = adamRules;
export const amsgradRules = { b1, b2, eps };

/** Replaces gradients by AMSGrad's direction. */
export const scaleByAmsgrad = link<AmsgradOptions>('scaleByAmsgrad', amsgradRules, ({ b1 = 0.9, b2 = 0.999, eps = 1e-8 }) =>
  elementwise('scaleByAmsgrad', {
    hyper: { b1, b2, eps },
    slots: { m: 0, v: 0, vMax: 0 },
    update: ({ g, t, b1, b2, eps, ...old }) => {
      const m = add(mul(b1, old.m), mul(sub(1, b1), g));
      const v = add(mul(b2, old.v), mul(sub(1, b2), square(g)));
      const vMax = max(old.vMax, v);
      return { g: div(div(m, sub(1, pow(b1, t))), add(sqrt(div(vMax, sub(1, pow(b2, t)))), eps)), m, v, vMax };
    },
  }));

/** AMSGrad. */
export const amsgrad = factory<AmsgradOptions & LearningRateOptions, Chain>(
  'amsgrad',
  { ...amsgradRules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByAmsgrad(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
