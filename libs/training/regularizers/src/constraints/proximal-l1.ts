/**
 * Proximal L1 (soft thresholding): the ISTA step of Daubechies et al. 2004; Parikh and Boyd 2014, "Proximal Algorithms", section 6.5.2.
 *
 *   w ← sign(w) · max(|w| − learningRate · amount, 0), after each step
 *
 * Minimises loss + amount · Σ |w| with exact zeros, where the gradient of `l1` only comes close. With SGD it is the proximal
 * gradient method; with an adaptive optimizer the threshold stays learningRate · amount for every weight.
 */
import { factory, InputError } from '@gradstream/numerics';
import { amount, Strength, type Amount } from '../amount.ts';
import type { Constraint } from '../regularizer.ts';
import { shortForm } from '../short-form.ts';
import { constraint, constraintOptions, type ConstraintOptions } from './norms.ts';

export interface ProximalL1Options extends ConstraintOptions {
  /** Strength of the penalty, at least 0. */
  readonly amount: Amount;
}

/** Sets weights below the threshold to exactly 0 and shrinks the others by it: `proximalL1(1e-4)`. */
export const proximalL1 = shortForm(
  factory<ProximalL1Options, Constraint>(
    'proximalL1',
    { amount, ...constraintOptions },
    ({ amount: given, on }) => {
      const strength = new Strength('proximalL1', 'amount', given);
      const project: Constraint['project'] = (values, _, at) => {
        if (at?.learningRate === undefined) throw new InputError('proximalL1: needs an optimizer that has a learning rate, for the threshold is learningRate · amount');
        softThreshold(values, at.learningRate * strength.at(at.step));
      };
      return { ...constraint('proximalL1', on, project), ...strength.steered() };
    },
    ['amount'],
  ),
  'amount',
);

/** sign(w) · max(|w| − threshold, 0), in place. */
export function softThreshold(values: Float32Array, threshold: number): void {
  for (let i = 0; i < values.length; i++) {
    const w = values[i];
    values[i] = w > threshold ? w - threshold : w < -threshold ? w + threshold : Number.isNaN(w) ? w : 0;
  }
}
