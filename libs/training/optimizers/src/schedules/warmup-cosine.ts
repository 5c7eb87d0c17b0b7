/**
 * Linear warm-up, then cosine decay: Goyal et al. 2017, "Accurate, Large Minibatch SGD", section 2.2, https://arxiv.org/abs/1706.02677,
 * in front of Loshchilov and Hutter 2017. `totalSteps` includes the warm-up, as in optax; torch's `SequentialLR` restarts the second clock.
 */
import { finite, InputError, positiveInteger, wholeNumber } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface WarmupCosineOptions {
  /** Value at the top, used by step `warmupSteps`. */
  readonly peak: number;
  /** Steps of the rise. */
  readonly warmupSteps: number;
  /** All steps, the rise included. */
  readonly totalSteps: number;
  /** Value of step 0. Default 0. */
  readonly start?: number;
  /** Value at the end and behind it. Default 0. */
  readonly end?: number;
}

/** A straight rise to `peak`, then half a cosine wave down to `end`. */
export const warmupCosine = scheduleFactory<WarmupCosineOptions>(
  'warmupCosine',
  { peak: finite, warmupSteps: wholeNumber, totalSteps: positiveInteger, start: finite, end: finite },
  ({ peak, warmupSteps, totalSteps, start = 0, end = 0 }) => {
    if (warmupSteps >= totalSteps) throw new InputError(`warmupCosine: totalSteps includes the warm-up and must be above warmupSteps (${warmupSteps}), received ${totalSteps}`);
    return (step) => {
      if (step < warmupSteps) return start + ((peak - start) * step) / warmupSteps;
      const t = (Math.min(step, totalSteps) - warmupSteps) / (totalSteps - warmupSteps);
      return end + ((peak - end) * (1 + Math.cos(Math.PI * t))) / 2;
    };
  },
  ['peak', 'warmupSteps', 'totalSteps'],
);
