import { BehaviorSubject, Subject, type Observable } from 'rxjs';
import { addTask } from './scheduler.ts';

/** What a pace drives: one `tick` is one batch. Ticks while not `ready` (held or ended) are dropped. */
export interface Driven {
  readonly ready: boolean;
  tick(): void;
}

/** Decides when a run may take its next step. */
export interface Pace {
  /** Starts ticking, never inside this call; `wake` is called when the run is ready again. */
  start(driven: Driven): { wake(): void; stop(): void };
}

/** Steps back to back in slices of 4 ms, with a turn of the event loop in between: the default. */
export const fullSpeed = (): Pace => ({
  start(driven) {
    const task = addTask(() => {
      if (!driven.ready) return 'idle';
      driven.tick();
      return driven.ready ? 'again' : 'idle';
    });
    return { wake: task.wake, stop: task.remove };
  },
});

/** One step for each value of a stream: `animationFrameScheduler`'s frames, an `interval`, a marble string, a Subject. */
export const stepOn = (ticks$: Observable<unknown>): Pace => ({
  start(driven) {
    const subscription = ticks$.subscribe(() => {
      if (driven.ready) driven.tick();
    });
    return { wake: () => undefined, stop: () => subscription.unsubscribe() };
  },
});

/** A pace in somebody's hands. */
export interface ControlledPace extends Pace {
  readonly playing$: Observable<boolean>;
  play(): void;
  pause(): void;
  /** Takes this many steps, then pauses. */
  step(count?: number): void;
}

/** Full speed that can be paused, resumed and taken step by step. */
export function controlled({ playing = true }: { readonly playing?: boolean } = {}): ControlledPace {
  const playing$ = new BehaviorSubject(playing);
  const changed$ = new Subject<void>();
  let budget = 0;
  const may = () => playing$.value || budget > 0;
  return {
    playing$,
    play: () => {
      budget = 0;
      playing$.next(true);
      changed$.next();
    },
    pause: () => {
      budget = 0;
      playing$.next(false);
    },
    step: (count = 1) => {
      playing$.next(false);
      budget += count;
      changed$.next();
    },
    start(driven) {
      const inner = fullSpeed().start({
        get ready() {
          return driven.ready && may();
        },
        tick: () => {
          if (!playing$.value) budget--;
          driven.tick();
        },
      });
      const subscription = changed$.subscribe(inner.wake);
      return {
        wake: inner.wake,
        stop: () => {
          subscription.unsubscribe();
          inner.stop();
        },
      };
    },
  };
}
