import { isObservable, Observable } from 'rxjs';
import { InputError, shown, type Split, type Weights } from '@gradstream/numerics';
import type { EvaluationEvent, RunEvent, StepEvent } from '@gradstream/protocol';
import { RUN, steps, type Every, type Live, type Run } from '@gradstream/pipeline';
import type { Measured } from '../recipe/study.ts';

/** What a diagnostic says at one moment of a run: numbers that can be published like any evaluation, and what is no number. */
export interface DiagnosticEvent extends EvaluationEvent {
  readonly diagnostic: string;
  /** Curves and lists, plain JSON. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Numbers and details of one measurement; the metrics' names are put behind the diagnostic's: `curvature/lambdaMax`. */
export interface Reading {
  readonly metrics: Measured;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A diagnostic in one run: what it needs is made when the run's first event comes, and let go with the subscription. */
export interface Measuring {
  read(weights: Weights, at: StepEvent): Reading;
  dispose?(): void;
}

/** A diagnostic, before it meets a run. */
export interface Diagnostic {
  readonly name: string;
  begin(run: Run): Measuring;
}

export interface ProbeOptions {
  /** When to measure: after steps or epochs, at the end, or after the next step whenever an Observable asks. Default `steps(50)`. */
  readonly every?: Every | Observable<unknown>;
}

/**
 * Measures a run while somebody subscribes, and only then: a stream of its own beside the run's (`share` the run). The source is held
 * while a measurement is under way, and weights are those after the step that it names, so what is measured does not depend on how
 * fast anything is. Training itself is not changed.
 *
 * @example
 * const run$ = compose(parts, data).pipe(share());
 * const curvature$ = run$.pipe(probe(curvature(data.train), { every: steps(50) }));
 * merge(run$, curvature$).pipe(publish('http://127.0.0.1:4319')).subscribe();
 */
export function probe({ name, begin }: Diagnostic, { every = steps(50) }: ProbeOptions = {}) {
  if (!isObservable(every) && every !== 'end' && (typeof every !== 'object' || !('steps' in every || 'epochs' in every))) throw new InputError(`probe: every must be steps(n), epochs(n), atEnd() or an Observable, received ${shown(every)}`);
  return <E extends RunEvent & Live>(source: Observable<E>): Observable<DiagnosticEvent & Live> =>
    new Observable((subscriber) => {
      let run: Run | undefined;
      let release: (() => void) | undefined;
      let measuring: Measuring | undefined;
      let last: StepEvent | undefined;
      let asked = false;
      let cancel: (() => void) | undefined;
      let sourceDone = false;

      const join = (joined: Run): void => {
        run = joined;
        release = run.lease();
        measuring = begin(run);
      };
      const measure = (at: StepEvent, weights: Weights, then: () => void): void => {
        const go = run!.pacer.hold();
        const remove = run!.pacer.slice(() => {
          cancel = undefined;
          try {
            const started = performance.now();
            const { metrics, detail } = measuring!.read(weights, at);
            const named = Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [`${name}/${metric}`, value]));
            subscriber.next({ type: 'evaluation', diagnostic: name, step: at.step, epoch: at.epoch, wall: Date.now(), split: 'train', metrics: named, ...(detail ? { detail } : {}), seconds: (performance.now() - started) / 1000, [RUN]: run! });
          } catch (error) {
            subscriber.error(error);
          }
          go();
          if (!subscriber.closed) then();
          return 'done';
        });
        cancel = () => {
          remove();
          go();
        };
      };
      const finish = (): void => {
        sourceDone = true;
        if (cancel) return;
        if (every === 'end' && last) measure(last, run!.result(), () => subscriber.complete());
        else subscriber.complete();
      };

      const asking = isObservable(every) ? every.subscribe(() => (asked = true)) : undefined;
      const subscription = source.subscribe({
        next: (event) => {
          if (event.type !== 'step') return;
          if (!run) join(event[RUN]);
          last = event;
          if (cancel || !(asked || isDue(event, every))) return;
          asked = false;
          measure(event, run!.trainer.weights(), () => sourceDone && subscriber.complete());
        },
        error: (error: unknown) => subscriber.error(error),
        complete: finish,
      });
      return () => {
        subscription.unsubscribe();
        asking?.unsubscribe();
        cancel?.();
        measuring?.dispose?.();
        release?.();
      };
    });
}

function isDue({ step, epoch, index, batchesPerEpoch }: StepEvent, every: Every | Observable<unknown>): boolean {
  if (isObservable(every) || every === 'end') return false;
  return 'steps' in every ? (step + 1) % every.steps === 0 : index + 1 === batchesPerEpoch && (epoch + 1) % every.epochs === 0;
}

/** The first examples of a split that trains or validates; a test split may be looked at only at the end of a run. */
export function notTest(where: string, split: Split): void {
  if (split.role === 'test') throw new InputError(`${where}: takes a train or validation split; looking at the test split while a run is under way decides with it`);
}
