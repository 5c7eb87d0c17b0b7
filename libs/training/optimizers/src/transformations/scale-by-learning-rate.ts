import { hyper, mul, neg, nonNegative, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface LearningRateOptions {
  /** Step size, at least 0. */
  readonly learningRate: Hyper;
}

/** Option rules of every optimizer with a learning rate. */
export const learningRateRules = { learningRate: hyper(nonNegative) };

/** Turns an update direction into the step to add to the params, −learningRate · g. Ends most chains. */
export const scaleByLearningRate = positional('learningRate', link<LearningRateOptions>(
  'scaleByLearningRate',
  learningRateRules,
  ({ learningRate }) => elementwise('scaleByLearningRate', { hyper: { learningRate }, update: ({ g, learningRate }) => ({ g: mul(neg(learningRate), g) }) }),
  ['learningRate'],
));
