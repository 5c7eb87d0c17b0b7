/**
 * Nesterov's momentum in the form that takes its gradient at the params it reports: Bengio et al. 2013, "Advances in Optimizing
 * Recurrent Networks", section 3.5, https://arxiv.org/abs/1212.0901
 *
 *   m ← momentum·m + g        p ← p − α · (g + momentum·m)
 *
 * These params are the look-ahead points of Sutskever's form (`nesterovLookahead`): the same method, seen from another point.
 *
 * @torch the same (`nesterov=True`; needs dampening 0)
 * @keras the learning rate stands inside the buffer
 * @tfjs the same (`useNesterov`)
 */
import { add, factory, hyper, mul, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface NesterovOptions {
  /** How much of the gathered direction stays, in [0, 1). Default 0.9. */
  readonly momentum?: Hyper;
}

const rules = { momentum: hyper(unitHalfOpen) };

/** Replaces gradients by Nesterov's direction. */
export const scaleByNesterov = link<NesterovOptions>('scaleByNesterov', rules, ({ momentum = 0.9 }) =>
  elementwise('scaleByNesterov', {
    hyper: { momentum },
    slots: { m: 0 },
    update: ({ g, momentum, ...old }) => {
      const m = add(mul(momentum, old.m), g);
      return { g: add(g, mul(momentum, m)), m };
    },
  }));

/** Gradient descent with Nesterov's momentum. */
export const nesterov = factory<NesterovOptions & LearningRateOptions, Chain>(
  'nesterov',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByNesterov(options), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
