/**
 * Gradient descent: Robbins and Monro 1951, "A Stochastic Approximation Method", https://doi.org/10.1214/aoms/1177729586
 *
 *   p ← p − α · g
 *
 * "Stochastic" says how the gradient was estimated: the rule is the same for one example, a batch, or all of them.
 *
 * @torch the same
 * @keras the same; learningRate 0.01
 * @tfjs the same; its `learningRate` property cannot be set, `setLearningRate` can
 */
import { factory } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, type Chain } from '../transformation.ts';

/** Gradient descent. */
export const sgd = factory<LearningRateOptions, Chain>('sgd', learningRateRules, ({ learningRate }) => chain(scaleByLearningRate(learningRate)), ['learningRate']);
