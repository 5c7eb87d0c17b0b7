import type { Regularizer } from '@gradstream/regularizers';
import type { Trainer } from './trainer.ts';

/**
 * A trainer whose regularizers change strength from step to step: their streams are open as long as it lives, and the
 * strengths that a step used stand among its hyper-parameters.
 */
export function steered(trainer: Trainer, regularizers: readonly Regularizer[]): Trainer {
  const changing = regularizers.filter(({ hyperAt }) => hyperAt);
  if (changing.length === 0) return trainer;
  changing.forEach((each) => each.open?.());
  const { step, dispose } = trainer;
  return Object.assign(trainer, {
    step(...[batch, lap]: Parameters<Trainer['step']>) {
      const used = Object.assign({}, ...changing.map((each) => each.hyperAt!(batch.step))) as Record<string, number>;
      const outcome = step.call(trainer, batch, lap);
      return Object.assign(outcome, { hyper: { ...outcome.hyper, ...used } });
    },
    dispose() {
      changing.forEach((each) => each.close?.());
      dispose.call(trainer);
    },
  });
}
