import type { Observable, Subscription } from 'rxjs';
import { InputError, type Schedule } from '@gradstream/numerics';
import type { TrialRun } from '@gradstream/optimizers';
import type { RunEvent } from '@gradstream/protocol';
import { controlled, type Pace } from './pace.ts';

/**
 * A run to try learning rates on, for `findLearningRate`. It is a subscription of its own, from its own first weights (or from
 * the checkpoint that `compose` resumes), so no other run's weights, optimizer state, order or data can be touched.
 *
 * @param compose the run, with the learning rate and the pace that it is given
 * @example
 * const { steepest } = await findLearningRate(trialOf((learningRate, pace) =>
 *   batches(train, { size: 64, pace }).pipe(forward(model), loss(objective), optimize(adam({ learningRate })), metrics())));
 */
export function trialOf(compose: (learningRate: Schedule, pace: Pace) => Observable<RunEvent>): TrialRun {
  const pace = controlled({ playing: false });
  let rate = 0;
  let subscription: Subscription | undefined;
  let asked: { resolve(loss: number): void; reject(error: unknown): void } | undefined;
  const answer = (settle: (waiting: NonNullable<typeof asked>) => void): void => {
    const waiting = asked;
    asked = undefined;
    if (waiting) settle(waiting);
  };
  return {
    step: (learningRate) =>
      new Promise<number>((resolve, reject) => {
        rate = learningRate;
        asked = { resolve, reject };
        subscription ??= compose(() => rate, pace).subscribe({
          next: (event) => {
            if (event.type === 'step') answer((waiting) => waiting.resolve(event.metrics['train/loss']));
          },
          error: (error: unknown) => answer((waiting) => waiting.reject(error)),
          complete: () => answer((waiting) => waiting.reject(new InputError('trialOf: the run ended before the sweep did; give it more epochs, or none'))),
        });
        pace.step();
      }),
    restore: () => subscription?.unsubscribe(),
  };
}
