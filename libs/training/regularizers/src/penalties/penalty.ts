import * as tf from '@tensorflow/tfjs-core';
import { factory, hyper, InputError, isSubscribable, nonNegative, shown, type Factory, type OptionTable, type Rule, type Schedule } from '@gradstream/numerics';
import type { Penalty } from '../regularizer.ts';
import { selection, selects, type Selection } from '../selection.ts';

/** Strength of a penalty: a number, or a function of the step. */
export type Amount = number | Schedule;

export interface PenaltyOptions {
  /** Strength, at least 0. */
  readonly amount: Amount;
  /** Params it sees. Default `kernels`: biases and norm params are left alone. */
  readonly on?: Selection;
}

/** Option rule: as a hyper-parameter, but no stream. */
export const amount: Rule = {
  ...hyper(nonNegative),
  says: `${nonNegative.says} (or a schedule of such numbers)`,
  accepts: (x) => !isSubscribable(x) && hyper(nonNegative).accepts(x),
};

/** The strength that a step uses. */
export function amountAt(name: string, amount: Amount, step: number): number {
  const value = typeof amount === 'number' ? amount : amount(step);
  if (!nonNegative.accepts(value)) throw new InputError(`${name}: amount must be ${nonNegative.says}, received ${shown(value)} at step ${step}`);
  return value;
}

/** A penalty's function: takes its options, or just the amount. */
export type PenaltyFactory<O extends PenaltyOptions> = Factory<O, Penalty> & ((amount: Amount) => Penalty);

/**
 * A penalty that is a sum over params: amount · Σ term(param).
 *
 * @param rules of the options beside amount and on
 * @param term of one param, for checked options; [] in, scalar out
 */
export function penalty<O extends PenaltyOptions>(name: string, rules: OptionTable<Omit<O, keyof PenaltyOptions>>, term: (options: O) => (param: tf.Tensor) => tf.Tensor): PenaltyFactory<O> {
  const make = factory<O, Penalty>(name, { amount, on: selection, ...rules } as unknown as OptionTable<O>, (options) => {
    const { on = 'kernels' } = options;
    const of = term(options);
    return {
      type: 'penalty',
      name,
      applies: (param) => selects(on, param),
      value: (params, step) => tf.tidy(() => {
        const terms = Object.values(params).map((param) => of(param) as tf.Scalar);
        return tf.mul(amountAt(name, options.amount, step), terms.length > 0 ? tf.addN(terms) : tf.scalar(0));
      }),
    };
  }, ['amount'] as (keyof O & string)[]);
  const take = (given: O | Amount) => (make as (options: O) => Penalty)(typeof given === 'object' ? given : ({ amount: given } as O));
  return Object.assign(take, { factoryName: make.factoryName, options: make.options, required: make.required }) as unknown as PenaltyFactory<O>;
}
