/** Schedules made of schedules. */
import { hyper, finite, InputError, listOf, positiveInteger, wholeNumber, type Rule, type Schedule } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

/** Option rule: a schedule, or a number for a constant one. */
const aSchedule: Rule = { ...hyper(finite), says: 'a number or a schedule', accepts: (x) => typeof x === 'function' || finite.accepts(x) };
const asFunction = (schedule: number | Schedule): Schedule => (typeof schedule === 'number' ? () => schedule : schedule);

export interface JoinOptions {
  readonly schedules: readonly (number | Schedule)[];
  /** Steps at which the next schedule begins, rising; one less than there are schedules. */
  readonly boundaries: readonly number[];
}

/** One schedule behind the other; each counts its steps from where it begins (as torch's `SequentialLR`). */
export const join = scheduleFactory<JoinOptions>('join', { schedules: listOf(aSchedule, 1), boundaries: listOf(wholeNumber) }, ({ schedules, boundaries }) => {
  if (boundaries.length !== schedules.length - 1) throw new InputError(`join: boundaries must be one less than schedules (${schedules.length}), received ${boundaries.length}`);
  if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1])) throw new InputError(`join: boundaries must rise, received ${JSON.stringify(boundaries)}`);
  const functions = schedules.map(asFunction);
  return (step) => {
    const i = boundaries.filter((boundary) => step >= boundary).length;
    return functions[i](i === 0 ? step : step - boundaries[i - 1]);
  };
}, ['schedules', 'boundaries']);

export interface ProductOptions {
  readonly schedules: readonly (number | Schedule)[];
}

/** The product of schedules, all on the same clock (as torch's `ChainedScheduler`). */
export const product = scheduleFactory<ProductOptions>('product', { schedules: listOf(aSchedule, 1) }, ({ schedules }) => {
  const functions = schedules.map(asFunction);
  return (step) => functions.reduce((value, schedule) => value * schedule(step), 1);
}, ['schedules']);

export interface WarmupOptions {
  /** What comes behind the warm-up, on a clock of its own. */
  readonly schedule: number | Schedule;
  /** Steps of the rise. */
  readonly steps: number;
  /** Value of step 0. Default 0. */
  readonly start?: number;
}

/** A straight rise to the first value of another schedule, and then that schedule. */
export const warmup = scheduleFactory<WarmupOptions>('warmup', { schedule: aSchedule, steps: positiveInteger, start: finite }, ({ schedule, steps, start = 0 }) => {
  const after = asFunction(schedule);
  return (step) => (step < steps ? start + ((after(0) - start) * step) / steps : after(step - steps));
}, ['schedule', 'steps']);
