import { isSubscribable, type Factory } from '@gradstream/numerics';

/** A factory that also takes its main option alone: `l2(1e-4)` for `l2({ amount: 1e-4 })`. */
export type ShortForm<O extends object, T, V> = Factory<O, T> & ((value: V) => T);

/** Gives a factory its short form: whatever is no object stands for the option `main`. */
export function shortForm<O extends object, T extends object, K extends keyof O & string>(make: Factory<O, T>, main: K): ShortForm<O, T, NonNullable<O[K]>> {
  const take = (given?: O | NonNullable<O[K]>) => (make as unknown as (options?: O) => T)(given === undefined || (typeof given === 'object' && !isSubscribable(given)) ? (given as O | undefined) : ({ [main]: given } as unknown as O));
  return Object.assign(take, { factoryName: make.factoryName, options: make.options, required: make.required }) as unknown as ShortForm<O, T, NonNullable<O[K]>>;
}
