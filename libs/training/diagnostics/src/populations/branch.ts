import { Observable, switchMap } from 'rxjs';
import { InputError, positiveInteger, shown } from '@gradstream/numerics';
import type { RunEvent } from '@gradstream/protocol';
import { checkpoint, steps, type Checkpoint, type ComposeOptions, type Live } from '@gradstream/pipeline';

/** A run that can be asked to go on from a checkpoint: `(extra) => compose(parts, data, extra)`, or stages that do as much. */
export type Resumable<E extends RunEvent & Live = RunEvent & Live> = (extra?: Pick<ComposeOptions, 'batches' | 'engine'>) => Observable<E>;

/** The run as it goes on with the step that a checkpoint names. */
export const continueFrom = <E extends RunEvent & Live>(run: Resumable<E>, from: Checkpoint): Observable<E> => run({ batches: { from: from.step }, engine: { resume: from } });

/**
 * The state of a run after its first `step` steps, evaluations at that boundary included: weights, optimizer slots, what stages
 * remember. The run is given up once it is known.
 *
 * @throws InputError (as the stream's error) where the run ends before
 */
export function checkpointAt<E extends RunEvent & Live>(run: Resumable<E>, step: number): Observable<Checkpoint> {
  if (!positiveInteger.accepts(step)) throw new InputError(`checkpointAt: step must be ${positiveInteger.says}, received ${shown(step)}`);
  return new Observable<Checkpoint>((subscriber) => {
    const write = (state: Checkpoint): void => {
      if (state.step === step) {
        subscriber.next(state);
        subscriber.complete();
      } else subscriber.error(new InputError(`checkpointAt: the run ended after ${state.step} steps, before step ${step}`));
    };
    return run().pipe(checkpoint({ write }, { every: steps(step) })).subscribe({ error: (error: unknown) => subscriber.error(error), complete: () => subscriber.complete() });
  });
}

/**
 * Trains a run for `step` steps and goes on from there as another: the same run, bit for bit, where nothing changes. The stream
 * begins with the events after that step; with `checkpointAt` and `continueFrom` several branches share one trunk.
 *
 * @param change the run as it goes on: another learning rate, other augmentation. Default: the same
 * @example
 * const run = (learningRate: number) => (extra = {}) => compose({ ...parts, optimizer: adam({ learningRate }) }, data, extra);
 * branch(run(1e-3), 500, run(1e-4)).subscribe(report());
 */
export const branch = <E extends RunEvent & Live>(run: Resumable<E>, step: number, change: Resumable<E> = run): Observable<E> =>
  checkpointAt(run, step).pipe(switchMap((from) => continueFrom(change, from)));
