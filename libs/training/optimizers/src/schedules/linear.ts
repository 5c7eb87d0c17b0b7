import { finite, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface LinearOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** Value at step `totalSteps` and behind it. */
  readonly end: number;
  /** Steps until the end is reached. */
  readonly totalSteps: number;
}

/** A straight line from `initial` to `end`, up or down, then flat. */
export const linear = scheduleFactory<LinearOptions>(
  'linear',
  { initial: finite, end: finite, totalSteps: positiveInteger },
  ({ initial, end, totalSteps }) => (step) => initial + (end - initial) * (Math.min(step, totalSteps) / totalSteps),
  ['initial', 'end', 'totalSteps'],
);
