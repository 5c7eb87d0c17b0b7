import { Observable } from 'rxjs';
import type { Weights } from '@gradstream/numerics';
import type { RunEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { recorded } from './stage.ts';

/** Where a run leaves its weights: an object whose `weights` is set, or a function that gets them. */
export type WeightsStore = { weights?: Weights } | ((weights: Weights, run: { readonly step: number; readonly bestStep?: number }) => void);

/**
 * Delivers the run's result once, on *every* way it can end: completion, stop, error, unsubscription. An observer hears
 * nothing after it unsubscribed; a store does.
 */
export const keep =
  (store: WeightsStore) =>
  <E extends RunEvent & Live>(source: Observable<E>): Observable<E> =>
    recorded(
      new Observable<E>((subscriber) => {
        let run: Run | undefined;
        let release: (() => void) | undefined;
        const deliver = (): void => {
          if (!run) return;
          const { nominated } = run;
          const weights = run.result();
          if (typeof store === 'function') store(weights, { step: run.step, ...(nominated ? { bestStep: nominated.step } : {}) });
          else store.weights = weights;
          run = undefined;
          release?.();
        };
        const subscription = source.subscribe({
          next: (event) => {
            if (!run) {
              run = event[RUN];
              release = run.lease();
            }
            subscriber.next(event);
          },
          error: (error: unknown) => {
            deliver();
            subscriber.error(error);
          },
          complete: () => {
            deliver();
            subscriber.complete();
          },
        });
        return () => {
          subscription.unsubscribe();
          deliver();
        };
      }),
      () => ({ stage: 'keep' }),
      source,
    );
