import { checkOptions, InputError, positive, positiveInteger } from '@gradstream/numerics';
import { ending, type EndingStage } from './ending.ts';

export interface BudgetOptions {
  /** Seconds the run may take, evaluations and earlier parts of a resumed run included. Default any. */
  readonly seconds?: number;
  /** Steps the run may take, earlier parts included. Schedules go by the run's own length, not by this. Default any. */
  readonly steps?: number;
}

export const budgetRules = { seconds: positive, steps: positiveInteger };

/**
 * Ends the run after the step that used up its time or its steps: put it between `metrics` and `evaluate`, so that the last
 * weights are evaluated.
 *
 * @param clock milliseconds from anywhere
 */
export function budget(options: BudgetOptions, clock: () => number = () => performance.now()): EndingStage {
  checkOptions('budget', options, budgetRules);
  const { seconds, steps } = options;
  if (seconds === undefined && steps === undefined) throw new InputError('budget: give seconds or steps');
  return ending('budget', () => ({ stage: 'budget', budget: { ...options } }), () => {
    const started = clock();
    let earlier = 0;
    const taken = (): number => earlier + (clock() - started) / 1000;
    const used = (step: number): string | undefined => {
      if (steps !== undefined && step + 1 >= steps) return `its budget of ${steps} step${steps === 1 ? '' : 's'} is used up`;
      if (seconds !== undefined && taken() >= seconds) return `its budget of ${seconds} s is used up`;
      return undefined;
    };
    return {
      join(run, kept) {
        earlier = Number(kept?.['seconds'] ?? 0);
        // Metrics that lag are read at once when the budget ends, so that no event is lost.
        run.drainBefore.push((step) => used(step) !== undefined);
      },
      memory: () => ({ seconds: taken() }),
      // A lagging event is not the last step that was taken.
      see: (event, run) => ({ reason: event.type === 'step' && event.step === run.step ? used(event.step) : undefined }),
    };
  });
}
