/**
 * LAMB: You et al. 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", Algorithm 2,
 * https://arxiv.org/abs/1904.00962
 *
 *   u = Adam's direction + weightDecay·p        p ← p − α · ‖p‖/‖u‖ · u
 *
 * The ratio is taken tensor by tensor, and is 1 where either norm is 0. The paper's φ is the identity.
 *
 * @torch not there
 * @keras the same; eps 1e-7; biases and norm params take part
 * @tfjs not there
 */
import { factory, type Hyper } from '@gradstream/numerics';
import { addDecayedWeights, decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { scaleByTrustRatio } from '../transformations/scale-by-trust-ratio.ts';
import type { Mask } from '../mask.ts';
import { chain, masked, type Chain } from '../transformation.ts';
import { adamRules, scaleByAdam } from './adam.ts';

export interface LambOptions extends LearningRateOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  readonly b1?: Hyper;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  readonly b2?: Hyper;
  /** Added to the root, at least 0. Default 1e-6. */
  readonly eps?: Hyper;
  /** Strength of the decay, at least 0. Default 0. */
  readonly weightDecay?: Hyper;
  /** Which params decay and have a trust ratio. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

const { b1, b2, eps } = adamRules;

/** LAMB. */
export const lamb = factory<LambOptions, Chain>(
  'lamb',
  { b1, b2, eps, ...learningRateRules, ...decayRules },
  ({ learningRate, weightDecay = 0, mask = 'kernels', eps = 1e-6, ...options }) =>
    chain(scaleByAdam({ eps, ...options }), addDecayedWeights({ weightDecay, mask }), masked(scaleByTrustRatio(), mask), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
