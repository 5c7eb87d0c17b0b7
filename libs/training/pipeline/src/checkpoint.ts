import { Observable } from 'rxjs';
import type { Weights } from '@gradstream/numerics';
import type { TrainerState } from '@gradstream/engine';
import type { RunEvent } from '@gradstream/protocol';
import { Crossing, epochs, type Every } from './every.ts';
import { RUN, type GoodState, type Live, type Run, type StageMemory } from './run.ts';
import { recorded } from './stage.ts';

/** Everything a run needs to go on bit for bit. Randomness is a function of seed and step, so a step number is enough for it. */
export interface Checkpoint {
  readonly version: 1;
  /** The next step to take: `batches(…, { from: step })`. */
  readonly step: number;
  readonly state: TrainerState;
  /** The best weights so far, where early stopping keeps them. */
  readonly best?: { readonly weights: Weights; readonly step: number };
  /** The last state a guard found to be finite, where one backs off to it. */
  readonly good?: GoodState;
  /** What the stages remember: running means, patience used up. */
  readonly memory: Readonly<Record<string, StageMemory>>;
}

/** Takes checkpoints; the source is held until it has (a folder on disk: `@gradstream/pipeline/node`). */
export interface CheckpointSink {
  write(checkpoint: Checkpoint): void | Promise<void>;
}

/** The present state of a run. */
export const checkpointOf = (run: Run): Checkpoint => ({
  version: 1,
  step: run.step + 1,
  state: run.trainer.snapshot(),
  ...(run.good ? { good: run.good } : {}),
  ...run.progress,
});

/**
 * Writes a checkpoint at every boundary, after the events of that boundary (put it at the bottom, below `evaluate` and
 * `earlyStopping`), and a last one when the run completes or is stopped.
 */
export const checkpoint =
  (sink: CheckpointSink, { every = epochs(1) }: { readonly every?: Every } = {}) =>
  <E extends RunEvent & Live>(source: Observable<E>): Observable<E> =>
    recorded(
      new Observable<E>((subscriber) => {
        const crossing = new Crossing(every);
        let run: Run | undefined;
        let release: (() => void) | undefined;
        let due = false;
        let wrote = -1;
        let waiting = Promise.resolve();
        let cancelWait: (() => void) | undefined;

        const write = (): Promise<void> | void => {
          if (!run || wrote === run.step) return;
          wrote = run.step;
          return sink.write(checkpointOf(run));
        };
        /** In a later turn, when evaluations of this boundary have been seen by the stages above. */
        const writeSoon = (): void => {
          const go = run!.pacer.hold();
          const remove = run!.pacer.slice(() => {
            if (run!.pacer.busy > 1) return 'again';
            due = false;
            cancelWait = undefined;
            waiting = Promise.resolve(write()).then(go, (error: unknown) => {
              go();
              subscriber.error(error);
            });
            return 'done';
          });
          cancelWait = () => {
            remove();
            go();
          };
        };
        const subscription = source.subscribe({
          next: (event) => {
            if (!run) {
              run = event[RUN];
              release = run.lease();
            }
            subscriber.next(event);
            if (event.type === 'step' && !due && !subscriber.closed && crossing.crossed(event)) {
              due = true;
              writeSoon();
            }
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            cancelWait?.();
            waiting.then(() => write()).then(
              () => subscriber.complete(),
              (error: unknown) => subscriber.error(error),
            );
          },
        });
        return () => {
          subscription.unsubscribe();
          cancelWait?.();
          release?.();
        };
      }),
      () => ({ stage: 'checkpoint' }),
      source,
    );
