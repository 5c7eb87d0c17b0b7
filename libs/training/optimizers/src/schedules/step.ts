import { finite, positive, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface StepOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** Steps from one change to the next. */
  readonly every: number;
  /** What it is multiplied by, above 0. Default 0.1. */
  readonly factor?: number;
}

/** Multiplied by `factor` every so many steps (torch's `StepLR`). */
export const step = scheduleFactory<StepOptions>(
  'step',
  { initial: finite, every: positiveInteger, factor: positive },
  ({ initial, every, factor = 0.1 }) => (at) => initial * factor ** Math.floor(at / every),
  ['initial', 'every'],
);
