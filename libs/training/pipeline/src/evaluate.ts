import { Observable } from 'rxjs';
import { checkOptions, InputError, positiveInteger, shown, toSpec, type Split } from '@gradstream/numerics';
import type { Accumulator, Metric } from '@gradstream/losses';
import type { EvaluationEvent, RunEvent } from '@gradstream/protocol';
import { boundariesAfter, Crossing, epochs, parseEvery, type Every } from './every.ts';
import { RUN, type Live, type Run } from './run.ts';
import { recorded } from './stage.ts';
import type { StageSpec } from './stage.ts';

export interface EvaluateOptions {
  /** When. Default `epochs(1)`; `atEnd()` evaluates the run's result once, after everything above has ended. */
  readonly every?: Every;
  /** Examples that go through the model at a time. Default 256. */
  readonly size?: number;
  /** Default: the metrics of `metrics`. */
  readonly metrics?: readonly Metric[];
}

const rules = {
  every: { says: 'epochs(n), steps(n) or atEnd()', accepts: (x: unknown) => x === 'end' || (typeof x === 'object' && x !== null), schema: {} },
  size: positiveInteger,
  metrics: { says: 'a list of metrics', accepts: Array.isArray, schema: {} },
};

/**
 * Evaluates a whole split with the present weights and adds `<role>/loss` and the metrics' exact values as an event. The
 * source is held meanwhile; the work is done in slices, so the process stays responsive. The last weights are evaluated
 * too when the run ends between two boundaries.
 */
export function evaluate(split: Split, options: EvaluateOptions = {}): { <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (EvaluationEvent & Live)>; toSpec(): StageSpec } {
  checkOptions('evaluate', options, rules);
  if (typeof split?.gather !== 'function') throw new InputError(`evaluate: takes a split, received ${shown(split)}`);
  const every = options.every === undefined ? epochs(1) : parseEvery(options.every, 'evaluate: every');
  const spec = (): StageSpec => ({ stage: 'evaluate', split: split.role, every, ...(options.size ? { size: options.size } : {}), ...(options.metrics ? { metrics: options.metrics.map(toSpec) } : {}) });
  const operator = <E extends RunEvent & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (EvaluationEvent & Live)>((subscriber) => {
        const crossing = new Crossing(every);
        let run: Run | undefined;
        let release: (() => void) | undefined;
        let last: { step: number; epoch: number } | undefined;
        let evaluated = -1;
        let upstreamDone = false;
        let cancel: (() => void) | undefined;
        let perEpoch = 1;

        const join = (joined: Run): void => {
          run = joined;
          release = run.lease();
          run.drainBefore.push((step) => every !== 'end' && boundariesAfter(every, step, perEpoch) > boundariesAfter(every, step - 1, perEpoch));
        };

        const begin = (useResult: boolean, then: () => void): void => {
          const at = last!;
          evaluated = at.step;
          const go = run!.pacer.hold();
          const stopWork = run!.pacer.slice(passOver(run!, split, { ...options, useResult }, at, (event) => {
            cancel = undefined;
            subscriber.next(event);
            go();
            then();
          }, (error) => {
            cancel = undefined;
            subscriber.error(error);
            go();
          }));
          cancel = () => {
            stopWork();
            go();
          };
        };
        const finish = (): void => {
          if (subscriber.closed) return;
          const due = run && last && (every === 'end' || evaluated !== last.step);
          if (due) begin(every === 'end', () => subscriber.complete());
          else subscriber.complete();
        };

        const subscription = source.subscribe({
          next: (event) => {
            subscriber.next(event);
            if (event.type !== 'step' || subscriber.closed) return;
            if (!run) join(event[RUN]);
            last = { step: event.step, epoch: event.epoch };
            perEpoch = event.batchesPerEpoch;
            if (crossing.crossed(event)) begin(false, () => upstreamDone && finish());
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            upstreamDone = true;
            if (!cancel) finish();
          },
        });
        return () => {
          subscription.unsubscribe();
          cancel?.();
          release?.();
        };
      }),
      spec,
      source,
    );
  return Object.assign(operator, { toSpec: spec });
}

/** A task that puts one chunk through the model at a time, then hands out the event. */
function passOver(
  run: Run,
  split: Split,
  { size = 256, metrics, useResult }: EvaluateOptions & { useResult: boolean },
  at: { step: number; epoch: number },
  done: (event: EvaluationEvent & Live) => void,
  failed: (error: unknown) => void,
): () => 'again' | 'done' {
  const started = performance.now();
  const asked = (metrics ?? run.metrics).filter((metric) => metric.accumulator);
  let accumulators: readonly Accumulator[] | undefined;
  let sum = 0;
  let weight = 0;
  let next = 0;
  const objective = run.trainer.objective;
  const best = useResult ? run.nominated : undefined;
  const before = best && run.trainer.snapshot();
  if (best) run.trainer.restore({ weights: best.weights });
  return () => {
    try {
      accumulators ??= asked.map((metric) => metric.accumulator!(objective));
      const count = Math.min(size, split.size - next);
      const examples = split.gather(Uint32Array.from({ length: count }, (_, i) => next + i));
      const { outputs, loss } = run.trainer.evaluate(examples);
      const counts = objective.weightOf?.(examples) ?? count;
      sum += loss * counts;
      weight += counts;
      accumulators.forEach((accumulator) => accumulator.add(outputs, examples));
      next += count;
      if (next < split.size) return 'again';
      if (before) run.trainer.restore(before);
      const values = Object.assign({ loss: sum / weight }, ...accumulators.map((accumulator) => accumulator.result())) as Record<string, number>;
      done({
        type: 'evaluation',
        step: best?.step ?? at.step,
        epoch: at.epoch,
        wall: Date.now(),
        split: split.role,
        metrics: Object.fromEntries(Object.entries(values).map(([name, value]) => [`${split.role}/${name}`, value])),
        seconds: (performance.now() - started) / 1000,
        [RUN]: run,
      });
    } catch (error) {
      failed(error);
    }
    return 'done';
  };
}
