import { finite, listOf, wholeNumber } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface MultiStepOptions {
  /** Value before the first milestone. */
  readonly initial: number;
  /** Steps at which the value is multiplied. */
  readonly milestones: readonly number[];
  /** What it is multiplied by. Default 0.1. */
  readonly factor?: number;
}

/** Multiplied by `factor` at each milestone (torch's `MultiStepLR`). */
export const multiStep = scheduleFactory<MultiStepOptions>(
  'multiStep',
  { initial: finite, milestones: listOf(wholeNumber), factor: finite },
  ({ initial, milestones, factor = 0.1 }) => (step) => initial * factor ** milestones.filter((milestone) => step >= milestone).length,
  ['initial', 'milestones'],
);
