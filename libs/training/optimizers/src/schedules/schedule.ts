import { factory, type Factory, type OptionTable, type Schedule } from '@gradstream/numerics';

/** A factory of schedules: pure functions of the 0-based step, whose value is what that step uses. */
export const scheduleFactory = <O extends object>(name: string, options: OptionTable<O>, build: (options: O) => Schedule, required: readonly (keyof O & string)[] = []): Factory<O, Schedule> =>
  factory(name, options, (given: O) => {
    const value = build(given);
    return (step: number) => value(step);
  }, required);
