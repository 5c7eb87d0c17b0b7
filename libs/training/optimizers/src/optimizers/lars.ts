/**
 * LARS: You et al. 2017, "Large Batch Training of Convolutional Networks", Algorithm 1, https://arxiv.org/abs/1708.03888
 *
 *   λ = trustCoefficient · ‖p‖ / (‖g‖ + weightDecay·‖p‖)        m ← momentum·m + λ·(g + weightDecay·p)        p ← p − α · m
 *
 * Tensor by tensor; λ is 1 where either norm is 0. The learning rate stands outside the momentum (the paper's stands inside).
 *
 * @torch not there
 * @keras not there
 * @tfjs not there
 */
import { add, div, eq, factory, hyper, mul, nonNegative, positive, sqrt, square, sum, unitHalfOpen, where, type Hyper } from '@gradstream/numerics';
import { decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, elementwise, link, masked, type Chain } from '../transformation.ts';
import { scaleByMomentum } from './momentum.ts';

export interface LarsRatioOptions {
  /** Strength of the decay, at least 0. Default 0. */
  readonly weightDecay?: Hyper;
  /** Largest step of a tensor as a part of its norm, above 0. Default 0.001. */
  readonly trustCoefficient?: Hyper;
}

const rules = { weightDecay: hyper(nonNegative), trustCoefficient: hyper(positive) };

/** Decays and scales gradients to a part of the norm of their tensor. */
export const scaleByLars = link<LarsRatioOptions>('scaleByLars', rules, ({ weightDecay = 0, trustCoefficient = 0.001 }) =>
  elementwise('scaleByLars', {
    hyper: { weightDecay, trustCoefficient },
    update: ({ g, p, weightDecay, trustCoefficient }) => {
      const [params, gradients] = [sqrt(sum(square(p), 'tensor')), sqrt(sum(square(g), 'tensor'))];
      const ratio = div(mul(trustCoefficient, params), add(gradients, mul(weightDecay, params)));
      return { g: mul(where(eq(mul(params, gradients), 0), 1, ratio), add(g, mul(weightDecay, p))) };
    },
  }));

export interface LarsOptions extends LarsRatioOptions, LearningRateOptions {
  /** How much of the gathered direction stays, in [0, 1). Default 0.9. */
  readonly momentum?: Hyper;
  /** Which params decay and are scaled; the others follow plain momentum. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

/** LARS. */
export const lars = factory<LarsOptions, Chain>(
  'lars',
  { ...rules, momentum: hyper(unitHalfOpen), mask: decayRules.mask, ...learningRateRules },
  ({ learningRate, momentum = 0.9, mask = 'kernels', ...options }) => chain(masked(scaleByLars(options), mask), scaleByMomentum({ momentum }), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
