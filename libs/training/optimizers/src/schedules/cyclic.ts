/**
 * Cyclical learning rates: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3, https://arxiv.org/abs/1506.01186
 *
 * Straight up and down between `low` and `high`. `halving` halves the height with each cycle ("triangular2"); `exponential` multiplies it by
 * gamma^step ("exp_range"). `cyclicMomentum` runs against it.
 */
import { finite, oneOf, positive, positiveInteger, type Schedule } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface CyclicOptions {
  /** Value at the ends of a cycle (momentum: at its top). */
  readonly low: number;
  /** Value at the top of the first cycle (momentum: at its ends). */
  readonly high: number;
  /** Steps up. */
  readonly up: number;
  /** Steps down. Default: as many as up. */
  readonly down?: number;
  /** What happens to the height. Default 'triangular': nothing. */
  readonly mode?: 'triangular' | 'halving' | 'exponential';
  /** Base of 'exponential', above 0. Default 1. */
  readonly gamma?: number;
}

const rules = { low: finite, high: finite, up: positiveInteger, down: positiveInteger, mode: oneOf('triangular', 'halving', 'exponential'), gamma: positive };

/** The height of a cycle, 0 … 1, at each step. */
function heights({ up, down = up, mode = 'triangular', gamma = 1 }: CyclicOptions): Schedule {
  const length = up + down;
  return (step) => {
    const cycle = Math.floor(step / length);
    const at = step - cycle * length;
    const height = at <= up ? at / up : (length - at) / down;
    return height * (mode === 'halving' ? 2 ** -cycle : mode === 'exponential' ? gamma ** step : 1);
  };
}

/** A learning rate that goes up and down. */
export const cyclic = scheduleFactory<CyclicOptions>('cyclic', rules, (options) => {
  const height = heights(options);
  return (step) => options.low + (options.high - options.low) * height(step);
}, ['low', 'high', 'up']);

/** The momentum against it: `high` at the ends of a cycle, `low` at its top. */
export const cyclicMomentum = scheduleFactory<CyclicOptions>('cyclicMomentum', rules, (options) => {
  const height = heights(options);
  return (step) => options.high - (options.high - options.low) * height(step);
}, ['low', 'high', 'up']);
