/** initial · decay^(step / every), the exponent rounded down where `staircase` is set. torch's `ExponentialLR` and `StepLR`, Keras's and optax's decays. */
import { boolean, finite, positive, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface ExponentialOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** What a period multiplies by, above 0. */
  readonly decay: number;
  /** Steps of a period. Default 1. */
  readonly every?: number;
  /** Changes at the end of a period only. Default false. */
  readonly staircase?: boolean;
  /** The value never goes below (or, where it grows, above) this. Default none. */
  readonly end?: number;
}

/** Exponential decay (or growth). */
export const exponential = scheduleFactory<ExponentialOptions>(
  'exponential',
  { initial: finite, decay: positive, every: positiveInteger, staircase: boolean, end: finite },
  ({ initial, decay, every = 1, staircase = false, end }) => (step) => {
    const periods = step / every;
    const value = initial * decay ** (staircase ? Math.floor(periods) : periods);
    if (end === undefined) return value;
    return decay < 1 ? Math.max(end, value) : Math.min(end, value);
  },
  ['initial', 'decay'],
);
