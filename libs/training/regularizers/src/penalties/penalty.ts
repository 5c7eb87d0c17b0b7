import * as tf from '@tensorflow/tfjs-core';
import { factory, type OptionTable } from '@gradstream/numerics';
import { amount, Strength, type Amount } from '../amount.ts';
import type { Penalty } from '../regularizer.ts';
import { selection, selects, type Selection } from '../selection.ts';
import { shortForm, type ShortForm } from '../short-form.ts';

export interface PenaltyOptions {
  /** Strength, at least 0. */
  readonly amount: Amount;
  /** Params it sees. Default `kernels`: biases and norm params are left alone. */
  readonly on?: Selection;
}

/**
 * A penalty that is a sum over params: amount · Σ term(param).
 *
 * @param rules of the options beside amount and on
 * @param term of one param, for checked options: a scalar
 */
export function penalty<O extends PenaltyOptions>(name: string, rules: OptionTable<Omit<O, keyof PenaltyOptions>>, term: (options: O) => (param: tf.Tensor) => tf.Tensor): ShortForm<O, Penalty, Amount> {
  const options = { amount, on: selection, ...rules } as unknown as OptionTable<O>;
  const make = factory<O, Penalty>(name, options, (given) => summed(name, given.on, term(given), given.amount), ['amount'] as (keyof O & string)[]);
  return shortForm(make, 'amount') as ShortForm<O, Penalty, Amount>;
}

/** amount · Σ term(param) over the selected params. */
export function summed(name: string, on: Selection = 'kernels', term: (param: tf.Tensor) => tf.Tensor, amount: Amount, option = 'amount'): Penalty {
  const strength = new Strength(name, option, amount);
  return {
    type: 'penalty',
    name,
    applies: (param) => selects(on, param),
    value: (params, step) => tf.tidy(() => {
      const terms = Object.values(params).map((param) => term(param) as tf.Scalar);
      return tf.mul(strength.at(step), terms.length > 0 ? tf.addN(terms) : tf.scalar(0));
    }),
    ...strength.steered(),
  };
}
