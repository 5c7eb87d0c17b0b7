/**
 * Cosine with warm restarts: Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", equation 5,
 * https://arxiv.org/abs/1608.03983
 */
import { finite, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface WarmRestartsOptions {
  /** Value at the start of each period. */
  readonly initial: number;
  /** Steps of the first period. */
  readonly period: number;
  /** How many times as long each period is as the one before, a whole number. Default 1. */
  readonly factor?: number;
  /** Value that the end of a period would reach. Default 0. */
  readonly end?: number;
}

/** Half cosine waves, each from `initial` again. */
export const warmRestarts = scheduleFactory<WarmRestartsOptions>(
  'warmRestarts',
  { initial: finite, period: positiveInteger, factor: positiveInteger, end: finite },
  ({ initial, period, factor = 1, end = 0 }) => (step) => {
    let length = period;
    let at = step;
    if (factor === 1) at = step % period;
    else while (at >= length) {
      at -= length;
      length *= factor;
    }
    return end + ((initial - end) * (1 + Math.cos((Math.PI * at) / length))) / 2;
  },
  ['initial', 'period'],
);
