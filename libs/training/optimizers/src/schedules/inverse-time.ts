/** initial / (1 + decay · step / every), the quotient rounded down where `staircase` is set. Keras's `InverseTimeDecay`; torch's `lr_decay` of Adagrad. */
import { boolean, finite, nonNegative, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface InverseTimeOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** How fast it falls, at least 0. */
  readonly decay: number;
  /** Steps of a period. Default 1. */
  readonly every?: number;
  /** Changes at the end of a period only. Default false. */
  readonly staircase?: boolean;
}

/** Decay by the inverse of time. */
export const inverseTime = scheduleFactory<InverseTimeOptions>(
  'inverseTime',
  { initial: finite, decay: nonNegative, every: positiveInteger, staircase: boolean },
  ({ initial, decay, every = 1, staircase = false }) => (step) => initial / (1 + decay * (staircase ? Math.floor(step / every) : step / every)),
  ['initial', 'decay'],
);
