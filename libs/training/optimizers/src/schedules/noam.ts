/**
 * The schedule of the transformer: Vaswani et al. 2017, "Attention Is All You Need", equation 3, https://arxiv.org/abs/1706.03762
 *
 *   factor · modelSize^(−½) · min(s^(−½), s · warmupSteps^(−3/2)),  s = step + 1
 */
import { positive, positiveInteger } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface NoamOptions {
  /** Width of the model. */
  readonly modelSize: number;
  /** Steps of the rise. */
  readonly warmupSteps: number;
  /** Multiplies everything, above 0. Default 1. */
  readonly factor?: number;
}

/** Linear warm-up, then decay by the root of the step. */
export const noam = scheduleFactory<NoamOptions>(
  'noam',
  { modelSize: positiveInteger, warmupSteps: positiveInteger, factor: positive },
  ({ modelSize, warmupSteps, factor = 1 }) => (step) => factor * modelSize ** -0.5 * Math.min((step + 1) ** -0.5, (step + 1) * warmupSteps ** -1.5),
  ['modelSize', 'warmupSteps'],
);
