/**
 * One cycle: Smith and Topin 2018, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates",
 * https://arxiv.org/abs/1708.07120, with the phases and defaults of torch's `OneCycleLR`.
 *
 * Rises from peak/divideBy to peak during the first `rise` of the steps, then falls to (peak/divideBy)/finalDivideBy; with `threePhase` it first
 * comes back to where it began, in as many steps as it rose. `oneCycleMomentum` runs against it: low where the learning rate is high.
 */
import { finite, InputError, oneOf, positive, positiveInteger, unitOpen, boolean, type Schedule } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

interface PhaseOptions {
  /** All steps. */
  readonly totalSteps: number;
  /** Part of the steps that rises, in (0, 1). Default 0.3. */
  readonly rise?: number;
  /** Shape of the phases. Default 'cosine'. */
  readonly shape?: 'cosine' | 'linear';
  /** Returns before it falls. Default false. */
  readonly threePhase?: boolean;
}

export interface OneCycleOptions extends PhaseOptions {
  /** Highest value. */
  readonly peak: number;
  /** The first value is peak/divideBy, above 0. Default 25. */
  readonly divideBy?: number;
  /** The last value is the first divided by this, above 0. Default 1e4. */
  readonly finalDivideBy?: number;
}

export interface OneCycleMomentumOptions extends PhaseOptions {
  /** Value at the peak of the learning rate. Default 0.85. */
  readonly low?: number;
  /** Value at both ends. Default 0.95. */
  readonly high?: number;
}

const rules = { totalSteps: positiveInteger, rise: unitOpen, shape: oneOf('cosine', 'linear'), threePhase: boolean };

/** The learning rate of one cycle. */
export const oneCycle = scheduleFactory<OneCycleOptions>(
  'oneCycle',
  { ...rules, peak: finite, divideBy: positive, finalDivideBy: positive },
  ({ peak, divideBy = 25, finalDivideBy = 1e4, ...options }) => {
    const first = peak / divideBy;
    return phases('oneCycle', options, first, peak, first / finalDivideBy);
  },
  ['peak', 'totalSteps'],
);

/** The momentum (b1 for Adam) of one cycle: give it the same steps and phases. */
export const oneCycleMomentum = scheduleFactory<OneCycleMomentumOptions>(
  'oneCycleMomentum',
  { ...rules, low: finite, high: finite },
  ({ low = 0.85, high = 0.95, ...options }) => phases('oneCycleMomentum', options, high, low, high),
  ['totalSteps'],
);

function phases(name: string, { totalSteps, rise = 0.3, shape = 'cosine', threePhase = false }: PhaseOptions, first: number, peak: number, last: number): Schedule {
  const top = rise * totalSteps - 1;
  const back = threePhase ? 2 * rise * totalSteps - 2 : top;
  const end = totalSteps - 1;
  if (top <= 0 || back >= end) throw new InputError(`${name}: totalSteps (${totalSteps}) and rise (${rise}) leave no steps to rise or to fall in`);
  const between = (from: number, to: number, part: number): number => (shape === 'linear' ? from + (to - from) * part : to + ((from - to) / 2) * (1 + Math.cos(Math.PI * part)));
  return (step) => {
    if (step <= top) return between(first, peak, step / top);
    if (threePhase && step <= back) return between(peak, first, (step - top) / (back - top));
    return between(threePhase ? first : peak, last, (Math.min(step, end) - back) / (end - back));
  };
}
