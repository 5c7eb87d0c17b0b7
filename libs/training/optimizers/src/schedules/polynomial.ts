/** end + (initial − end) · (1 − step/totalSteps)^power, then `end`. torch's `PolynomialLR` ends at 0. */
import { finite, positive, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface PolynomialOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** Steps until the end is reached. */
  readonly totalSteps: number;
  /** Value at the end. Default 0. */
  readonly end?: number;
  /** The power, above 0. Default 1. */
  readonly power?: number;
}

/** Polynomial decay. */
export const polynomial = scheduleFactory<PolynomialOptions>(
  'polynomial',
  { initial: finite, totalSteps: positiveInteger, end: finite, power: positive },
  ({ initial, totalSteps, end = 0, power = 1 }) => (step) => end + (initial - end) * (1 - Math.min(step, totalSteps) / totalSteps) ** power,
  ['initial', 'totalSteps'],
);
