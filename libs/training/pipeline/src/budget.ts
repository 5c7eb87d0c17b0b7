import { Observable } from 'rxjs';
import { checkOptions, InputError, positive, positiveInteger } from '@gradstream/numerics';
import type { RunEvent, StopEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';

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
export function budget(options: BudgetOptions, clock: () => number = () => performance.now()): { <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (StopEvent & Live)>; toSpec(): StageSpec } {
  checkOptions('budget', options, budgetRules);
  const { seconds, steps } = options;
  if (seconds === undefined && steps === undefined) throw new InputError('budget: give seconds or steps');
  const spec = (): StageSpec => ({ stage: 'budget', budget: { ...options } });
  const operator = <E extends RunEvent & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (StopEvent & Live)>((subscriber) => {
        const started = clock();
        let earlier = 0;
        let stopped = false;
        let run: Run | undefined;
        const taken = (): number => earlier + (clock() - started) / 1000;
        const used = (step: number): string | undefined => {
          if (steps !== undefined && step + 1 >= steps) return `its budget of ${steps} step${steps === 1 ? '' : 's'} is used up`;
          if (seconds !== undefined && taken() >= seconds) return `its budget of ${seconds} s is used up`;
          return undefined;
        };
        const join = (joined: Run): void => {
          run = joined;
          earlier = Number(run.remember('budget', () => ({ seconds: taken(), ...(stopped ? { stopped } : {}) }))?.['seconds'] ?? 0);
          // Metrics that lag are read at once when the budget ends, so that no event is lost.
          run.drainBefore.push((step) => used(step) !== undefined);
        };
        const subscription = source.subscribe({
          next: (event) => {
            if (!run) join(event[RUN]);
            // A lagging event is not the last step that was taken.
            const reason = event.type === 'step' && event.step === run!.step ? used(event.step) : undefined;
            stopped = reason !== undefined;
            subscriber.next(event);
            if (!reason || subscriber.closed) return;
            subscriber.next({ type: 'stop', step: event.step, epoch: event.epoch, wall: Date.now(), reason, [RUN]: event[RUN] });
            subscriber.complete();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        return () => subscription.unsubscribe();
      }),
      spec,
      source,
    );
  return Object.assign(operator, { toSpec: spec });
}
