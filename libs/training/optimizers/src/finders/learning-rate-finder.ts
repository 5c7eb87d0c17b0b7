/**
 * Learning-rate range test: Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3,
 * https://arxiv.org/abs/1506.01186, with the exponential sweep and the smoothing of fastai.
 *
 * The core knows no model: it is given a run to try rates on, and gives it back as it was, whatever happens.
 */
import { checkOptions, InputError, positive, positiveInteger, unitHalfOpen, wholeNumber } from '@gradstream/numerics';
import { rangeTest } from '../schedules/range-test.ts';

/** A run that can be tried on: a fork of it, or the run itself with a snapshot to go back to. */
export interface TrialRun {
  /** Trains one step at a learning rate and gives the loss of its batch. */
  step(learningRate: number, step: number): number | Promise<number>;
  /** Puts weights, optimizer state, position and data back where they were. Called once, also after an error. */
  restore(): void | Promise<void>;
}

export interface LearningRateFinderOptions {
  /** Rate of the first step, above 0. Default 1e-7. */
  readonly start?: number;
  /** Rate of the last step, above 0. Default 10. */
  readonly end?: number;
  /** Steps of the sweep. Default 100. */
  readonly totalSteps?: number;
  /** Decay of the smoothed loss, in [0, 1). Default 0.98. */
  readonly beta?: number;
  /** Ends the sweep when the smoothed loss is so many times its minimum, above 0. Default 4. */
  readonly divergeAt?: number;
  /** Steps at the beginning that are not looked at. Default 5. */
  readonly skipBegin?: number;
}

const rules = { start: positive, end: positive, totalSteps: positiveInteger, beta: unitHalfOpen, divergeAt: positive, skipBegin: wholeNumber };

/** A sweep and what it suggests. */
export interface LearningRateSuggestion {
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  /** Exponential average of the losses, corrected for its start. */
  readonly smoothed: readonly number[];
  /** Where the smoothed loss falls fastest against log10 of the rate; undefined when the sweep was too short. */
  readonly steepest?: { readonly index: number; readonly rate: number };
  /** A tenth of the rate with the smallest smoothed loss. */
  readonly minimum?: { readonly index: number; readonly rate: number };
}

/**
 * Sweeps the learning rate upwards until the loss diverges, and puts the run back.
 *
 * @throws InputError for options out of range; whatever the run throws, after restoring it
 */
export async function findLearningRate(run: TrialRun, options: LearningRateFinderOptions = {}): Promise<LearningRateSuggestion> {
  checkOptions('findLearningRate', options, rules);
  const { start = 1e-7, end = 10, totalSteps = 100, beta = 0.98, divergeAt = 4, skipBegin = 5 } = options;
  if (end <= start) throw new InputError(`findLearningRate: end must be above start (${start}), received ${end}`);
  const rate = rangeTest({ start, end, totalSteps });
  const rates: number[] = [];
  const losses: number[] = [];
  try {
    for (let step = 0; step < totalSteps; step++) {
      const loss = await run.step(rate(step), step);
      if (!Number.isFinite(loss)) break;
      rates.push(rate(step));
      losses.push(loss);
      const smoothed = smoothLosses(losses, beta);
      if (step >= skipBegin && smoothed[step] > divergeAt * Math.min(...smoothed)) break;
    }
  } finally {
    await run.restore();
  }
  return suggestLearningRate(rates, losses, { beta, skipBegin });
}

/** The exponential average of losses, divided by 1 − betaᵗ. */
export function smoothLosses(losses: readonly number[], beta = 0.98): number[] {
  let average = 0;
  return losses.map((loss, i) => {
    average = beta * average + (1 - beta) * loss;
    return average / (1 - beta ** (i + 1));
  });
}

/** Reads a sweep: where the smoothed loss falls fastest (central differences), and a tenth of where it is smallest. */
export function suggestLearningRate(rates: readonly number[], losses: readonly number[], { beta = 0.98, skipBegin = 5 }: Pick<LearningRateFinderOptions, 'beta' | 'skipBegin'> = {}): LearningRateSuggestion {
  const smoothed = smoothLosses(losses, beta);
  const slope = (i: number): number => (smoothed[i + 1] - smoothed[i - 1]) / (Math.log10(rates[i + 1]) - Math.log10(rates[i - 1]));
  const least = (from: number, to: number, of: (i: number) => number): number | undefined => {
    let best: number | undefined;
    for (let i = from; i < to; i++) if (best === undefined || of(i) < of(best)) best = i;
    return best;
  };
  const steepest = least(Math.max(1, skipBegin), smoothed.length - 1, slope);
  const minimum = least(Math.max(0, Math.min(skipBegin, smoothed.length - 1)), smoothed.length, (i) => smoothed[i]);
  return {
    rates,
    losses,
    smoothed,
    ...(steepest === undefined ? {} : { steepest: { index: steepest, rate: rates[steepest] } }),
    ...(minimum === undefined ? {} : { minimum: { index: minimum, rate: rates[minimum] / 10 } }),
  };
}
