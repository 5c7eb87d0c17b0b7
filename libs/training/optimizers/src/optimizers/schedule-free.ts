/**
 * Schedule-free SGD and AdamW: Defazio et al. 2024, "The Road Less Scheduled", equations 10-12 and Algorithm 1,
 * https://arxiv.org/abs/2405.15682
 *
 *   y = (1 − beta)·z + beta·x        z ← z − η·u(y)        x ← (1 − c)·x + c·z
 *
 * u is the gradient at y (SGD) or Adam's direction with b1 = 0 plus the decay of y (AdamW); η = α·min(1, t/warmupSteps);
 * c = η²/Σ η² with the largest η so far. The trained params are y; x is what to evaluate and to save.
 *
 * @torch not there (the authors' package: the same)
 * @keras AdamW only
 * @tfjs not there
 */
import { add, div, factory, hyper, max, min, mul, square, sub, unitHalfOpen, wholeNumber, type Hyper } from '@gradstream/numerics';
import { addDecayedWeights, decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import { adamRules } from './adam.ts';
import { scaleByRms } from './rmsprop.ts';

export interface ScheduleFreeOptions extends LearningRateOptions {
  /** Weight of the average in the point where gradients are taken, in [0, 1). Default 0.9. */
  readonly beta?: Hyper;
  /** Steps of a linear warm-up. Default 0. */
  readonly warmupSteps?: number;
}

const rules = { ...learningRateRules, beta: hyper(unitHalfOpen), warmupSteps: wholeNumber };

/** Turns directions into the steps between the points where gradients are taken; ends a chain, learning rate included. */
export const scheduleFree = link<ScheduleFreeOptions>('scheduleFree', rules, ({ learningRate, beta = 0.9, warmupSteps = 0 }) =>
  elementwise('scheduleFree', {
    hyper: { learningRate, beta },
    slots: { x: 'params', z: 'params' },
    scalars: { largest: 0, weights: 0 },
    update: ({ g, p, t, learningRate, beta, ...old }) => {
      const eta = warmupSteps > 0 ? mul(learningRate, min(1, div(t, warmupSteps))) : learningRate;
      const largest = max(old.largest, eta);
      const weights = add(old.weights, square(largest));
      const c = div(square(largest), weights);
      const z = sub(old.z, mul(eta, g));
      const x = add(mul(sub(1, c), old.x), mul(c, z));
      return { g: sub(add(mul(sub(1, beta), z), mul(beta, x)), p), x, z, largest, weights };
    },
    evaluation: ({ x }) => x,
  }), ['learningRate']);

interface DecayOptions {
  /** Strength of the decay of y, at least 0. Default 0. */
  readonly weightDecay?: Hyper;
  /** Which params decay. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

/** Schedule-free SGD. */
export const scheduleFreeSgd = factory<ScheduleFreeOptions & DecayOptions, Chain>(
  'scheduleFreeSgd',
  { ...rules, ...decayRules },
  ({ weightDecay = 0, mask, ...options }) => chain(addDecayedWeights({ weightDecay, mask }), scheduleFree(options)),
  ['learningRate'],
);

export interface ScheduleFreeAdamWOptions extends ScheduleFreeOptions, DecayOptions {
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root, at least 0. Default 1e-8. */
  readonly eps?: Hyper;
}

/** Schedule-free AdamW. */
export const scheduleFreeAdamW = factory<ScheduleFreeAdamWOptions, Chain>(
  'scheduleFreeAdamW',
  { ...rules, ...decayRules, b2: adamRules.b2, eps: adamRules.eps },
  ({ weightDecay = 0, mask, b2 = 0.999, eps = 1e-8, ...options }) => chain(scaleByRms({ decay: b2, eps, debias: true }), addDecayedWeights({ weightDecay, mask }), scheduleFree(options)),
  ['learningRate'],
);
