/**
 * Proximal weight decay, behind the step: p ← (p + step)/(1 + learningRate · weightDecay). Xie et al. 2022, "Adan", Algorithm 1,
 * https://arxiv.org/abs/2208.06677; to first order the same as `addDecayedWeights`.
 */
import { add, div, factory, hyper, mul, nonNegative, sub, type Hyper } from '@gradstream/numerics';
import { aMask, type Mask } from '../mask.ts';
import { elementwise, masked, type Masked } from '../transformation.ts';
import { learningRateRules, type LearningRateOptions } from './scale-by-learning-rate.ts';

export interface ProximalDecayOptions extends LearningRateOptions {
  /** Strength of the decay, at least 0. */
  readonly weightDecay: Hyper;
  /** Which params decay. Default 'kernels': no biases and no norm params. */
  readonly mask?: Mask;
}

const rules = { ...learningRateRules, weightDecay: hyper(nonNegative), mask: aMask };

export const decayProximally = factory<ProximalDecayOptions, Masked>('decayProximally', rules, ({ learningRate, weightDecay, mask = 'kernels' }) =>
  masked(elementwise('decayProximally', {
    hyper: { learningRate, weightDecay },
    rules,
    update: ({ g, p, learningRate, weightDecay }) => ({ g: sub(div(add(p, g), add(1, mul(learningRate, weightDecay))), p) }),
  }), mask), ['learningRate', 'weightDecay']);
