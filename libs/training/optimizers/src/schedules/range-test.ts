/**
 * The sweep of a learning-rate range test: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3,
 * https://arxiv.org/abs/1506.01186, exponential as in fastai.
 *
 *   start · (end/start)^(step/(totalSteps − 1)),  the last value is `end`
 */
import { positive, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface RangeTestOptions {
  /** Value of step 0, above 0. Default 1e-7. */
  readonly start?: number;
  /** Value of the last step, above 0. Default 10. */
  readonly end?: number;
  /** Steps of the sweep. Default 100. */
  readonly totalSteps?: number;
}

/** An exponential sweep upwards. */
export const rangeTest = scheduleFactory<RangeTestOptions>(
  'rangeTest',
  { start: positive, end: positive, totalSteps: positiveInteger },
  ({ start = 1e-7, end = 10, totalSteps = 100 }) => (step) => start * (end / start) ** (Math.min(step, totalSteps - 1) / Math.max(1, totalSteps - 1)),
);
