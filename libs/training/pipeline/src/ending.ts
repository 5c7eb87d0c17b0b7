import { Observable } from 'rxjs';
import type { RunEvent, StopEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run, type StageMemory } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';

/** What a stage that may end a run says of an event. */
export interface Opinion<E> {
  /** The event that goes on; the one that came unless given. */
  readonly event?: E;
  /** Why the run ends after it. The run goes on unless given. */
  readonly reason?: string;
  /** Step whose weights are the result, when the run ends here. */
  readonly bestStep?: number;
}

/** Such a stage at work on one run. */
export interface Watch {
  /** Called with the first event; `kept` is what `memory` gave in the run that this one continues. */
  join(run: Run, kept: StageMemory | undefined): void;
  /** What checkpoints keep of it. */
  memory(): StageMemory;
  /** Before the event goes on, so that whoever sees it sees what was decided. */
  see<E extends RunEvent & Live>(event: E, run: Run): Opinion<E> | undefined;
}

/** A stage that may end a run: the event goes on, a stop event with the reason follows, and the stream completes. */
export interface EndingStage {
  <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (StopEvent & Live)>;
  toSpec(): StageSpec;
}

/** Makes such a stage from what it does with one run. */
export function ending(name: string, spec: () => StageSpec, begin: () => Watch): EndingStage {
  const operator = <E extends RunEvent & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (StopEvent & Live)>((subscriber) => {
        const watch = begin();
        let run: Run | undefined;
        let stopped = false;
        const join = (joined: Run): Run => {
          watch.join(joined, joined.remember(name, () => ({ ...watch.memory(), ...(stopped ? { stopped } : {}) })));
          return joined;
        };
        const subscription = source.subscribe({
          next: (event) => {
            try {
              run ??= join(event[RUN]);
              const opinion = watch.see(event, run);
              stopped = opinion?.reason !== undefined;
              subscriber.next(opinion?.event ?? event);
              if (opinion?.reason === undefined || subscriber.closed) return;
              const { reason, bestStep } = opinion;
              subscriber.next({ type: 'stop', step: event.step, epoch: event.epoch, wall: Date.now(), reason, ...(bestStep === undefined ? {} : { bestStep }), [RUN]: event[RUN] });
              subscriber.complete();
            } catch (error) {
              subscriber.error(error);
            }
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
