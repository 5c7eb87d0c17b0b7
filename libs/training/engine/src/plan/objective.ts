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
export interface PenaltyCoefficients {
  readonly squares: number;
  readonly sizes: number;
}

/** The coefficients of a penalty at a step. */
export type PlannedPenalty = (step: number) => PenaltyCoefficients;

/** The coefficients behind a penalty, or undefined where it is of another kind. */
export function penaltyOf(penalty: Extract<Regularizer, { type: 'penalty' }>): PlannedPenalty | undefined {
  const spec = specOf(penalty);
  if (!spec) return undefined;
  /** A strength: what the document says, or what it is at a step where it changes. */
  const strength = (option: string): ((step: number) => number) => {
    const given = spec[option];
    return typeof given === 'number' ? () => given : (step) => penalty.hyperAt!(step)[`${spec.name}.${option}`];
  };
  const factor = spec.convention === 'keras' ? 1 : 0.5;
  const [amount, l1, l2] = ['amount', 'l1', 'l2'].map(strength);
  switch (spec.name) {
    case 'l1': return constantly(penalty, (step) => ({ squares: 0, sizes: amount(step) }));
    case 'l2': return constantly(penalty, (step) => ({ squares: factor * amount(step), sizes: 0 }));
    case 'elasticNet': return constantly(penalty, (step) => ({ squares: factor * l2(step), sizes: l1(step) }));
    default: return undefined;
  }
}

/** Computed once where nothing changes. */
function constantly({ hyperAt }: Extract<Regularizer, { type: 'penalty' }>, at: PlannedPenalty): PlannedPenalty {
  if (hyperAt) return at;
  const fixed = at(0);
  return () => fixed;
}
