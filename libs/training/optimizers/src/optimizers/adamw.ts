/**
 * AdamW: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", Algorithm 2, https://arxiv.org/abs/1711.05101
 *
 *   p ← p − α · (Adam's direction + weightDecay · p)
 *
 * Not "Adam with an L2 penalty": there the decay would be divided by √v like the rest of the gradient.
 * The paper scales the decay by the schedule alone, without the base learning rate; torch, Keras and this scale it by both.
 *
 * @torch the same, but biases and norm params decay too; weightDecay 0.01
 * @keras as Adam there; biases and norm params decay too; weightDecay 0.004
 * @tfjs not there
 */
import { boolean, factory, type Hyper } from '@gradstream/numerics';
import { addDecayedWeights, decayRules } from '../transformations/add-decayed-weights.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import type { Mask } from '../mask.ts';
import { chain, type Chain } from '../transformation.ts';
import { adamRules, scaleByAdam, type AdamOptions } from './adam.ts';
import { scaleByAmsgrad } from './amsgrad.ts';

export interface AdamWOptions extends AdamOptions, LearningRateOptions {
  /** Strength of the decay, at least 0; a fraction `learningRate · weightDecay` of each weight goes per step. Default 0.01. */
  readonly weightDecay?: Hyper;
  /** Which params decay. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
  /** Divides by the largest second moment so far. Default false. */
  readonly amsgrad?: boolean;
}

/** AdamW. */
export const adamw = factory<AdamWOptions, Chain>(
  'adamw',
  { ...adamRules, ...learningRateRules, ...decayRules, amsgrad: boolean },
  ({ learningRate, weightDecay = 0.01, mask, amsgrad = false, ...options }) =>
    chain(amsgrad ? scaleByAmsgrad(options) : scaleByAdam(options), addDecayedWeights({ weightDecay, mask }), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
