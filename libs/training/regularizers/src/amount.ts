import { hyper, InputError, isSubscribable, nonNegative, shown, type Rule, type Schedule } from '@gradstream/numerics';

/** Strength of a regularizer: a number of at least 0, or a function of the step. */
export type Amount = number | Schedule;

/** Option rule: as a hyper-parameter, but no stream. */
export const amount: Rule = {
  ...hyper(nonNegative),
  says: `${nonNegative.says} (or a schedule of such numbers)`,
  accepts: (x) => !isSubscribable(x) && hyper(nonNegative).accepts(x),
};

/** The strength that a step uses. */
export function amountAt(where: string, amount: Amount, step: number): number {
  const value = typeof amount === 'number' ? amount : amount(step);
  if (!nonNegative.accepts(value)) throw new InputError(`${where} must be ${nonNegative.says}, received ${shown(value)} at step ${step}`);
  return value;
}
