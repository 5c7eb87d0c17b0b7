import { specOf } from '@gradstream/numerics';
import type { Objective } from '@gradstream/losses';
import type { Regularizer } from '@gradstream/regularizers';

/** A loss that a plan has a kernel for. */
export interface PlannedLoss {
  readonly kernel: 'softmaxCrossEntropy' | 'squaredError';
  readonly labelSmoothing: number;
  /** One for each class. */
  readonly classWeights?: readonly number[];
}

/** The loss behind an objective, or undefined where no kernel computes it. */
export function lossOf(objective: Objective): PlannedLoss | undefined {
  const spec = specOf(objective);
  if (spec?.name === 'softmaxCrossEntropy') {
    return { kernel: 'softmaxCrossEntropy', labelSmoothing: (spec.labelSmoothing as number | undefined) ?? 0, classWeights: spec.classWeights as readonly number[] | undefined };
  }
  return spec?.name === 'meanSquaredError' ? { kernel: 'squaredError', labelSmoothing: 0 } : undefined;
}

/** A penalty as coefficients: value = Σ over its params of squares · Σ w² + sizes · Σ |w|. */
export interface PlannedPenalty {
  readonly squares: number;
  readonly sizes: number;
}

/** The coefficients behind a penalty, or undefined where it is another kind or its strength changes from step to step. */
export function penaltyOf(penalty: Extract<Regularizer, { type: 'penalty' }>): PlannedPenalty | undefined {
  const spec = specOf(penalty);
  if (typeof spec?.amount !== 'number') return undefined;
  if (spec.name === 'l1') return { squares: 0, sizes: spec.amount };
  if (spec.name === 'l2') return { squares: spec.convention === 'keras' ? spec.amount : spec.amount / 2, sizes: 0 };
  return undefined;
}
