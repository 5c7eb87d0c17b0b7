/**
 * Cosine decay: Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", equation 5 without restarts,
 * https://arxiv.org/abs/1608.03983
 *
 *   end + (initial − end) · (1 + cos(π · step / totalSteps)) / 2
 *
 * Behind totalSteps the value stays at `end` (as in optax, Keras and timm); torch's `CosineAnnealingLR` rises again, which
 * `after: 'rise'` does.
 */
import { finite, oneOf, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface CosineOptions {
  /** Value of step 0. */
  readonly initial: number;
  /** Steps until the end is reached. */
  readonly totalSteps: number;
  /** Value at the end. Default 0. */
  readonly end?: number;
  /** What happens behind totalSteps. Default 'hold'. */
  readonly after?: 'hold' | 'rise';
}

/** Half a cosine wave from `initial` down to `end`. */
export const cosine = scheduleFactory<CosineOptions>(
  'cosine',
  { initial: finite, totalSteps: positiveInteger, end: finite, after: oneOf('hold', 'rise') },
  ({ initial, totalSteps, end = 0, after = 'hold' }) => (step) => {
    const t = after === 'hold' ? Math.min(step, totalSteps) : step;
    return end + ((initial - end) * (1 + Math.cos((Math.PI * t) / totalSteps))) / 2;
  },
  ['initial', 'totalSteps'],
);
