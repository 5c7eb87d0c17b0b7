import { Observable } from 'rxjs';
import { checkOptions, InputError, positiveInteger, shown, toSpec, type Examples, type Split, type Weights } from '@gradstream/numerics';
import { evaluator, recomputeNorms, type Evaluator } from '@gradstream/engine';
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
  /**
   * Recomputes the running statistics of batch normalization over this split first. For optimizers that evaluate averaged
   * weights (SWA, EMA), whose statistics nobody has seen; training is not touched. Default none.
   */
  readonly norms?: Split;
}

const rules = {
  every: { says: 'epochs(n), steps(n) or atEnd()', accepts: (x: unknown) => x === 'end' || (typeof x === 'object' && x !== null), schema: {} },
  size: positiveInteger,
  metrics: { says: 'a list of metrics', accepts: Array.isArray, schema: {} },
  norms: { says: 'a train split', accepts: (x: unknown) => (x as Split | undefined)?.role === 'train', schema: {} },
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
          const pass = passOver(run!, split, { ...options, useResult }, at, (event) => {
            cancel = undefined;
            subscriber.next(event);
            go();
            then();
          }, (error) => {
            cancel = undefined;
            subscriber.error(error);
            go();
          });
          const stopWork = run!.pacer.slice(pass.task);
          cancel = () => {
            stopWork();
            pass.release();
            go();
          };
        };
        const finish = (): void => {
          if (subscriber.closed) return;
          const due = run && last && (every === 'end' || evaluated !== last.step);
          if (!due) return subscriber.complete();
          run!.freeze();
          begin(every === 'end', () => subscriber.complete());
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

/** A task that puts one chunk through the model at a time, then hands out the event; `release` frees what an unfinished one holds. */
function passOver(
  run: Run,
  split: Split,
  { size = 256, metrics, useResult, norms }: EvaluateOptions & { useResult: boolean },
  at: { step: number; epoch: number },
  done: (event: EvaluationEvent & Live) => void,
  failed: (error: unknown) => void,
): { readonly task: () => 'again' | 'done'; readonly release: () => void } {
  const started = performance.now();
  const asked = (metrics ?? run.metrics).filter((metric) => metric.accumulator);
  let accumulators: readonly Accumulator[] | undefined;
  let sum = 0;
  let weight = 0;
  let next = 0;
  const objective = run.trainer.objective;
  const best = useResult ? run.nominated : undefined;
  let beside: Evaluator | undefined;
  const release = (): void => {
    beside?.dispose();
    beside = undefined;
  };
  const task = (): 'again' | 'done' => {
    try {
      if (next === 0) beside = besideTraining(run, best?.weights, norms, size);
      accumulators ??= asked.map((metric) => metric.accumulator!(objective));
      const count = Math.min(size, split.size - next);
      const examples = split.gather(Uint32Array.from({ length: count }, (_, i) => next + i));
      const { outputs, loss } = (beside ?? run.trainer).evaluate(examples);
      const counts = objective.weightOf?.(examples) ?? count;
      sum += loss * counts;
      weight += counts;
      accumulators.forEach((accumulator) => accumulator.add(outputs, examples));
      next += count;
      if (next < split.size) return 'again';
      release();
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
      release();
      failed(error);
    }
    return 'done';
  };
  return { task, release };
}

/** An evaluator of weights other than the trainer's own; undefined when those are meant. */
function besideTraining(run: Run, best: Weights | undefined, norms: Split | undefined, size: number): Evaluator | undefined {
  if (!best && !norms) return undefined;
  const { trainer, source } = run;
  const weights = best ?? trainer.evaluationWeights();
  return evaluator(trainer.model, trainer.objective, norms ? recomputeNorms(trainer.model, weights, inOrder(norms, size), source.key) : weights, source.key);
}

/** A split's examples from first to last; a last single one is left out, since it has no variance. */
function* inOrder(split: Split, size: number): Generator<Examples> {
  for (let from = 0; from < split.size; from += size) {
    const count = Math.min(size, split.size - from);
    if (count > 1) yield split.gather(Uint32Array.from({ length: count }, (_, i) => from + i));
  }
}
