import { isSubscribable, type Factory } from '@gradstream/numerics';

/** A factory whose main option may stand alone: `clipByGlobalNorm(1)` for `clipByGlobalNorm({ maxNorm: 1 })`. */
export type Positional<O, T, V> = Factory<O, T> & ((value: V) => T);

/** Lets a number, a schedule or a stream stand for `{ [option]: value }`. */
export function positional<O extends object, T, K extends keyof O & string>(option: K, make: Factory<O, T>): Positional<O, T, NonNullable<O[K]>> {
  const call = (given?: O | O[K]): T => {
    const alone = given !== undefined && (typeof given !== 'object' || given === null || isSubscribable(given));
    return (make as unknown as (options?: unknown) => T)(alone ? { [option]: given } : given);
  };
  return Object.assign(call, { factoryName: make.factoryName, options: make.options, required: make.required }) as unknown as Positional<O, T, NonNullable<O[K]>>;
}
