import { Observable } from 'rxjs';
import { boolean, checkOptions, finite, InputError, nonNegative, oneOf, shown, text, wholeNumber, type OptionTable } from '@gradstream/numerics';
import type { RunEvent, StopEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';

export interface EarlyStoppingOptions {
  /** An evaluation's metric: `validation/loss`. The test split is refused: what decides is no longer a test. */
  readonly monitor: string;
  /** Evaluations in a row without an improvement before the run stops. Default 3. */
  readonly patience?: number;
  /** Smallest change that counts as an improvement. Default 0. */
  readonly minDelta?: number;
  /** Which way is better. Default: `max` for accuracy, AUC, F1 and R², otherwise `min`. */
  readonly mode?: 'min' | 'max';
  /** A value to beat; evaluations that do not reach it use up patience. Default none. */
  readonly baseline?: number;
  /** First epoch (0-based) whose evaluations count. Default 0. */
  readonly startFrom?: number;
  /** The result is the best evaluation's weights, however the run ends. Default true. */
  readonly restoreBest?: boolean;
}

export const earlyStoppingRules: OptionTable<EarlyStoppingOptions> = {
  monitor: text,
  patience: wholeNumber,
  minDelta: nonNegative,
  mode: oneOf('min', 'max'),
  baseline: finite,
  startFrom: wholeNumber,
  restoreBest: boolean,
};

/**
 * Stops when the monitored metric has not improved for `patience` evaluations, and makes the best weights the result on
 * every way a run can end. NaN never counts as an improvement. Goodfellow, Bengio, Courville 2016, algorithm 7.1.
 */
export function earlyStopping(options: EarlyStoppingOptions): { <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (StopEvent & Live)>; toSpec(): StageSpec } {
  checkOptions('earlyStopping', options, earlyStoppingRules);
  const { monitor, patience = 3, minDelta = 0, baseline, startFrom = 0, restoreBest = true } = options;
  if (monitor === undefined) throw new InputError(`earlyStopping: monitor is required: ${text.says} such as 'validation/loss'`);
  if (monitor.startsWith('test/')) throw new InputError(`earlyStopping: monitor must not be a metric of the test split, received ${shown(monitor)}; what decides when to stop is no longer a test, use 'validation/…'`);
  const mode = options.mode ?? (/accuracy|auc|f1|r2|precision|recall/i.test(monitor) ? 'max' : 'min');
  const better = (value: number, than: number) => (mode === 'min' ? value < than - minDelta : value > than + minDelta);
  const spec = (): StageSpec => ({ stage: 'earlyStopping', earlyStopping: { ...options } });

  const operator = <E extends RunEvent & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (StopEvent & Live)>((subscriber) => {
        let memory = { best: baseline ?? (mode === 'min' ? Infinity : -Infinity), bestStep: -1, wait: 0 };
        let joined: Run | undefined;
        const join = (run: Run): void => {
          joined = run;
          const kept = run.remember('earlyStopping', () => ({ best: String(memory.best), bestStep: memory.bestStep, wait: memory.wait }));
          if (kept) memory = { best: Number(kept['best']), bestStep: Number(kept['bestStep']), wait: Number(kept['wait']) };
        };
        const subscription = source.subscribe({
          next: (event) => {
            if (!joined) join(event[RUN]);
            const value = event.type === 'evaluation' ? (event.metrics[monitor] as number | undefined) : undefined;
            if (event.type === 'evaluation' && value === undefined && monitor.startsWith(`${event.split}/`)) {
              subscriber.error(new InputError(`earlyStopping: monitor '${monitor}' is not measured; the evaluation has ${Object.keys(event.metrics).join(', ')}`));
              return;
            }
            // Nominated before the event goes on: whoever sees the event sees the best already kept.
            const counts = value !== undefined && event.epoch >= startFrom;
            const improved = counts && better(value, memory.best);
            if (improved) {
              memory = { best: value, bestStep: event.step, wait: 0 };
              if (restoreBest) joined!.nominate();
            } else if (counts) memory.wait++;
            subscriber.next(event);
            if (!counts || improved || memory.wait < Math.max(1, patience) || subscriber.closed) return;
            const reason = `${monitor} has not improved for ${memory.wait} evaluation${memory.wait === 1 ? '' : 's'}${memory.bestStep >= 0 ? ` since step ${memory.bestStep} (${memory.best})` : ''}`;
            subscriber.next({ type: 'stop', step: event.step, epoch: event.epoch, wall: Date.now(), reason, ...(restoreBest && memory.bestStep >= 0 ? { bestStep: memory.bestStep } : {}), [RUN]: event[RUN] });
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
