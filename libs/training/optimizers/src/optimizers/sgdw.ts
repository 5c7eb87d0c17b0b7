/**
 * SGDW: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", Algorithm 1, https://arxiv.org/abs/1711.05101
 *
 *   m ← momentum·m + g        p ← p − α · (m + weightDecay·p)
 *
 * The decay stays out of m; torch's `weight_decay` of SGD goes into it.
 *
 * @torch not there
 * @keras `weight_decay` of SGD: the same, the learning rate inside m
 * @tfjs not there
 */
import { factory, type Hyper } from '@gradstream/numerics';
import { addDecayedWeights, decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, type Chain } from '../transformation.ts';
import { momentumRules, scaleByMomentum, type MomentumOptions } from './momentum.ts';

export interface SgdwOptions extends MomentumOptions, LearningRateOptions {
  /** Strength of the decay, at least 0. Default 1e-4. */
  readonly weightDecay?: Hyper;
  /** Which params decay. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

/** Gradient descent with momentum and decoupled weight decay. */
export const sgdw = factory<SgdwOptions, Chain>(
  'sgdw',
  { ...momentumRules, ...learningRateRules, ...decayRules },
  ({ learningRate, weightDecay = 1e-4, mask, ...options }) => chain(scaleByMomentum(options), addDecayedWeights({ weightDecay, mask }), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
