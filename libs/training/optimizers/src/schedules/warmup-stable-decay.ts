/**
 * Warm-up, stable, decay: Hu et al. 2024, "MiniCPM: Unveiling the Potential of Small Language Models", section 4.2,
 * https://arxiv.org/abs/2404.06395. Linear up to `peak` (reached by step warmupSteps − 1), flat for stableSteps, linear down to `end`.
 */
import { finite, positiveInteger, wholeNumber } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface WarmupStableDecayOptions {
  /** Highest value. */
  readonly peak: number;
  /** Steps of the rise. */
  readonly warmupSteps: number;
  /** Steps at the peak. */
  readonly stableSteps: number;
  /** Steps of the fall. */
  readonly decaySteps: number;
  /** Value at the end and behind it. Default 0. */
  readonly end?: number;
}

/** Up, flat, down. */
export const warmupStableDecay = scheduleFactory<WarmupStableDecayOptions>(
  'warmupStableDecay',
  { peak: finite, warmupSteps: wholeNumber, stableSteps: wholeNumber, decaySteps: positiveInteger, end: finite },
  ({ peak, warmupSteps, stableSteps, decaySteps, end = 0 }) => (step) => {
    if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
    const fallen = Math.min(1, Math.max(0, (step - warmupSteps - stableSteps + 1) / decaySteps));
    return peak + (end - peak) * fallen;
  },
  ['peak', 'warmupSteps', 'stableSteps', 'decaySteps'],
);
