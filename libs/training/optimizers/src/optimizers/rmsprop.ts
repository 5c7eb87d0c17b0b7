/**
 * RMSprop: Hinton, Srivastava and Swersky 2012, "Neural Networks for Machine Learning", lecture 6e, slide 29,
 * https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf; centered: Graves 2013, "Generating Sequences With
 * Recurrent Neural Networks", equations 38-45, https://arxiv.org/abs/1308.0850
 *
 *   v ← decay·v + (1 − decay)·g²        [a ← decay·a + (1 − decay)·g]
 *   p ← p − α · momentum of (g / (√(v − a²) + eps))
 *
 * The average replaces Adagrad's sum. The learning rate stands outside the momentum.
 *
 * @torch the same; decay 0.99
 * @keras eps 1e-7 under the root (`epsInside: true`); the learning rate stands inside the momentum
 * @tfjs as Keras; centered computes v − (a² + eps), which is NaN at the first step for small gradients
 */
import { add, boolean, div, factory, hyper, max, mul, nonNegative, pow, sqrt, square, sub, unitHalfOpen, type Expr, type Hyper } from '@gradstream/numerics';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import { scaleByMomentum } from './momentum.ts';

export interface RmsOptions {
  /** Decay of the averages, in [0, 1). Default 0.9. */
  readonly decay?: Hyper;
  /** Added to the root (or under it), at least 0. Default 1e-8. */
  readonly eps?: Hyper;
  /** Adds eps under the root. Default false. */
  readonly epsInside?: boolean;
  /** Subtracts the squared mean: divides by the standard deviation. Default false. */
  readonly centered?: boolean;
  /** Divides the averages by 1 − decayᵗ, as Adam does. Default false. */
  readonly debias?: boolean;
}

const rules = { decay: hyper(unitHalfOpen), eps: hyper(nonNegative), epsInside: boolean, centered: boolean, debias: boolean };

/** Divides gradients by the root of the average of their squares. */
export const scaleByRms = link<RmsOptions>('scaleByRms', rules, ({ decay = 0.9, eps = 1e-8, epsInside = false, centered = false, debias = false }) =>
  elementwise('scaleByRms', {
    hyper: { decay, eps },
    slots: centered ? { v: 0, a: 0 } : { v: 0 },
    update: ({ g, t, decay, eps, ...old }: Readonly<Record<string, Expr>>) => {
      const average = (slot: Expr, of: Expr): Expr => add(mul(decay, slot), mul(sub(1, decay), of));
      const corrected = (slot: Expr): Expr => (debias ? div(slot, sub(1, pow(decay, t))) : slot);
      const v = average(old.v, square(g));
      const a = centered ? average(old.a, g) : undefined;
      // Rounding may take the variance below 0.
      const spread = a ? max(0, sub(corrected(v), square(corrected(a)))) : corrected(v);
      return { g: div(g, epsInside ? sqrt(add(spread, eps)) : add(sqrt(spread), eps)), v, ...(a ? { a } : {}) };
    },
  }));

export interface RmspropOptions extends Omit<RmsOptions, 'debias'>, LearningRateOptions {
  /** Decay of a momentum behind the division, in [0, 1). Default 0: none. */
  readonly momentum?: Hyper;
}

const { debias: _debias, ...own } = rules;

/** RMSprop: plain, centered, with momentum. */
export const rmsprop = factory<RmspropOptions, Chain>(
  'rmsprop',
  { ...own, momentum: hyper(unitHalfOpen), ...learningRateRules },
  ({ learningRate, momentum = 0, ...options }) => chain(scaleByRms(options), ...(momentum === 0 ? [] : [scaleByMomentum({ momentum })]), scaleByLearningRate(learningRate)),
  ['learningRate'],
);
