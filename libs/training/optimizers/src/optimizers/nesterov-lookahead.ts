/**
 * Nesterov's momentum with the gradient at the look-ahead point: Sutskever et al. 2013, "On the importance of initialization and momentum
 * in deep learning", equations 3 and 4, https://proceedings.mlr.press/v28/sutskever13.html
 *
 *   v ← momentum·v − α · ∇L(x + momentum·v)        x ← x + v
 *
 * The trained params are the look-ahead points y = x + momentum·v, where the gradient is taken; x, the paper's iterate, is what
 * `evaluationParams` gives. `nesterov` reports y: the same method, seen from another point (its learning rate stands outside v).
 *
 * @torch reports y (`nesterov=True`)
 * @keras reports y (`nesterov=True`), with the learning rate inside v as here
 * @tfjs reports y (`useNesterov`)
 */
import { add, factory, hyper, mul, sub, unitHalfOpen } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import type { NesterovOptions } from './nesterov.ts';

const rules = { momentum: hyper(unitHalfOpen) };

/** Turns steps −α·g into steps between look-ahead points; stands behind the learning rate. */
export const lookAheadByMomentum = link<NesterovOptions>('lookAheadByMomentum', rules, ({ momentum = 0.9 }) =>
  elementwise('lookAheadByMomentum', {
    hyper: { momentum },
    slots: { v: 0 },
    scalars: { before: 0 },
    update: ({ g, momentum, ...old }) => {
      const v = add(mul(momentum, old.v), g);
      return { g: sub(mul(add(1, momentum), v), mul(old.before, old.v)), v, before: momentum };
    },
    evaluation: ({ p, v, before }) => sub(p, mul(before, v)),
  }));

/** Nesterov's momentum as Sutskever states it. */
export const nesterovLookahead = factory<NesterovOptions & LearningRateOptions, Chain>(
  'nesterovLookahead',
  { ...rules, ...learningRateRules },
  ({ learningRate, ...options }) => chain(scaleByLearningRate(learningRate), lookAheadByMomentum(options)),
  ['learningRate'],
);
