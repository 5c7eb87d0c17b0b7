/**
 * Lower the learning rate when a metric stops getting better, with the rules of torch's `ReduceLROnPlateau`: a value is better when it beats the best by
 * `threshold` (a part of it, or absolutely); after more than `patience` values in a row that are not, the learning rate is multiplied by `factor`, and nothing
 * counts for `cooldown` values. Keras acts when there were `patience` of them: one earlier.
 *
 * A value that is NaN is never better.
 */
import { checkOptions, InputError, nonNegative, oneOf, positive, unitOpen, wholeNumber } from '@gradstream/numerics';
import { defer, map, startWith, type OperatorFunction } from 'rxjs';

export interface PlateauOptions {
  /** Learning rate to begin with, above 0. */
  readonly initial: number;
  /** What it is multiplied by, in (0, 1). Default 0.1. */
  readonly factor?: number;
  /** Values that may fail to get better, in a row. Default 10. */
  readonly patience?: number;
  /** Whether smaller or larger values are better. Default 'min'. */
  readonly mode?: 'min' | 'max';
  /** How much better counts, at least 0. Default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a part of the best value or absolute. Default 'relative'. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** Values after a reduction that do not count. Default 0. */
  readonly cooldown?: number;
  /** Smallest learning rate, at least 0. Default 0. */
  readonly min?: number;
  /** Smallest change worth making, at least 0. Default 1e-8. */
  readonly eps?: number;
}

const rules = { initial: positive, factor: unitOpen, patience: wholeNumber, mode: oneOf('min', 'max'), threshold: nonNegative, thresholdMode: oneOf('relative', 'absolute'), cooldown: wholeNumber, min: nonNegative, eps: nonNegative };

/**
 * The learning rate to use after each value of a metric, as an RxJS operator: emits `initial` at once, then one learning rate per value.
 * Take what it gives as a hyper-parameter: `adam({ learningRate: validationLoss$.pipe(reduceOnPlateau({ initial: 1e-3 })) })`.
 */
export function reduceOnPlateau(options: PlateauOptions): OperatorFunction<number, number> {
  checkOptions('reduceOnPlateau', options, rules);
  if (options.initial === undefined) throw new InputError('reduceOnPlateau: initial is required: a number above 0');
  return (metric$) => defer(() => metric$.pipe(map(plateau(options)), startWith(options.initial)));
}

/** The rule without a stream: takes the values one by one, gives the learning rate after each. */
export function plateau({ initial, factor = 0.1, patience = 10, mode = 'min', threshold = 1e-4, thresholdMode = 'relative', cooldown = 0, min = 0, eps = 1e-8 }: PlateauOptions): (value: number) => number {
  let rate = initial;
  let best = mode === 'min' ? Infinity : -Infinity;
  let bad = 0;
  let cooling = 0;
  const isBetter = (value: number): boolean => {
    const sign = mode === 'min' ? 1 : -1;
    const bar = thresholdMode === 'relative' ? best * (1 - sign * threshold) : best - sign * threshold;
    return mode === 'min' ? value < bar : value > bar;
  };
  return (value) => {
    if (isBetter(value)) {
      best = value;
      bad = 0;
    } else bad++;
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > patience) {
      const lower = Math.max(rate * factor, min);
      if (rate - lower > eps) rate = lower;
      cooling = cooldown;
      bad = 0;
    }
    return rate;
  };
}
