/**
 * Weight decay as a link: g + weightDecay · p. Where it stands decides what it is.
 *
 * Before the rule (first in the chain) it is *coupled*: the gradient of the penalty (weightDecay / 2)·‖p‖², torch's `weight_decay`
 * of SGD and Adam. Keras's and tfjs's `l2(c)` is c·‖p‖², twice as much.
 * Behind the rule and before `scaleByLearningRate` it is *decoupled*: Loshchilov and Hutter 2019, "Decoupled Weight Decay
 * Regularization", Algorithm 2, https://arxiv.org/abs/1711.05101, with the decay scaled by the learning rate as in torch and Keras
 * (the paper scales it by the schedule alone).
 */
import { add, factory, hyper, mul, nonNegative, type Hyper } from '@gradstream/numerics';
import { aMask, type Mask } from '../mask.ts';
import { positional } from '../positional.ts';
import { elementwise, masked, type Masked } from '../transformation.ts';

export interface DecayedWeightsOptions {
  /** Strength of the decay, at least 0; may have a schedule of its own. */
  readonly weightDecay: Hyper;
  /** Which params decay. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

export const decayRules = { weightDecay: hyper(nonNegative), mask: aMask };

export const addDecayedWeights = positional('weightDecay', factory<DecayedWeightsOptions, Masked>(
  'addDecayedWeights',
  decayRules,
  ({ weightDecay, mask = 'kernels' }) =>
    masked(elementwise('addDecayedWeights', { hyper: { weightDecay }, rules: decayRules, update: ({ g, p, weightDecay }) => ({ g: add(g, mul(weightDecay, p)) }) }), mask),
  ['weightDecay'],
));
