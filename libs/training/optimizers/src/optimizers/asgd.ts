/**
 * Averaged SGD: Polyak and Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging", https://doi.org/10.1137/0330046,
 * with the step sizes of Bottou 2010, "Large-Scale Machine Learning with Stochastic Gradient Descent", as in torch.
 *
 *   η = α / (1 + lambda·α·(t − 1))^power        p ← p − lambda·η·p − η·g
 *   a ← p while t − 1 ≤ averageAfter + 1, then a ← a + (p − a)/(t − 1 − averageAfter)
 *
 * The average a is what to evaluate and to save.
 *
 * @torch the same; keeps η in float32 (`roundStepSize: true`)
 * @keras not there
 * @tfjs not there
 */
import { add, boolean, div, factory, fround, hyper, max, mul, neg, nonNegative, pow, sub, wholeNumber, type Hyper } from '@gradstream/numerics';
import { learningRateRules, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';

export interface AsgdOptions extends LearningRateOptions {
  /** Decay of the weights, at least 0. Default 1e-4. */
  readonly lambda?: Hyper;
  /** Power of the decay of the step size, at least 0. Default 0.75. */
  readonly power?: Hyper;
  /** Updates before the averaging begins. Default 1e6. */
  readonly averageAfter?: number;
  /** Rounds the step size to float32 (torch). Default false. */
  readonly roundStepSize?: boolean;
}

const rules = { ...learningRateRules, lambda: hyper(nonNegative), power: hyper(nonNegative), averageAfter: wholeNumber, roundStepSize: boolean };

/** Replaces gradients by ASGD's steps, to be added to the params, and averages the params. */
export const scaleByAsgd = link<AsgdOptions>('scaleByAsgd', rules, ({ learningRate, lambda = 1e-4, power = 0.75, averageAfter = 1e6, roundStepSize = false }) =>
  elementwise('scaleByAsgd', {
    hyper: { learningRate, lambda, power },
    slots: { average: 'params' },
    update: ({ g, p, t, learningRate, lambda, power, ...old }) => {
      const done = sub(t, 1);
      const exact = div(learningRate, pow(add(1, mul(mul(lambda, learningRate), done)), power));
      const eta = roundStepSize ? fround(exact) : exact;
      const step = neg(add(mul(mul(lambda, eta), p), mul(eta, g)));
      const next = add(p, step);
      return { g: step, average: add(old.average, mul(div(1, max(1, sub(done, averageAfter))), sub(next, old.average))) };
    },
    evaluation: ({ average }) => average,
  }), ['learningRate']);

/** Averaged SGD. */
export const asgd = factory<AsgdOptions, Chain>('asgd', rules, (options) => chain(scaleByAsgd(options)), ['learningRate']);
