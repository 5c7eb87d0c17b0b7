import { Observable } from 'rxjs';
import { boolean, checkOptions, InputError, toSpec, type OptionTable } from '@gradstream/numerics';
import type { RunEvent, StopEvent } from '@gradstream/protocol';
import { RUN, type Live, type Run } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';
import { monitorRules, stoppingMonitor, type MonitorMemory, type MonitorOptions } from './stopping/monitor.ts';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** The result is the best evaluation's weights, however the run ends. Default true. */
  readonly restoreBest?: boolean;
}

export const earlyStoppingRules: OptionTable<EarlyStoppingOptions> = { ...monitorRules, restoreBest: boolean };

/**
 * Stops when the monitored metric says so (by `patience`, or another `rule`), and makes the best weights the result on every way
 * a run can end. NaN never counts as an improvement.
 */
export function earlyStopping({ restoreBest = true, ...options }: EarlyStoppingOptions): { <E extends RunEvent & Live>(source: Observable<E>): Observable<E | (StopEvent & Live)>; toSpec(): StageSpec } {
  checkOptions('earlyStopping', { restoreBest, ...options }, earlyStoppingRules);
  stoppingMonitor(options, 'earlyStopping');
  const spec = (): StageSpec => ({ stage: 'earlyStopping', earlyStopping: toSpec({ ...options, ...(restoreBest ? {} : { restoreBest }) }) });

  const operator = <E extends RunEvent & Live>(source: Observable<E>) =>
    recorded(
      new Observable<E | (StopEvent & Live)>((subscriber) => {
        const monitor = stoppingMonitor(options, 'earlyStopping');
        const { metric } = monitor;
        let run: Run | undefined;
        let train = NaN;
        let stopped = false;
        const join = (joined: Run): void => {
          run = joined;
          const kept = run.remember('earlyStopping', () => ({ ...monitor.save(), train: String(train), ...(stopped ? { stopped } : {}) }));
          if (!kept) return;
          monitor.restore(kept as unknown as MonitorMemory);
          train = Number(kept['train']);
        };
        const subscription = source.subscribe({
          next: (event) => {
            try {
              if (!run) join(event[RUN]);
              if (event.type === 'step') train = event.metrics['train/lossMean'];
              const value = event.type === 'evaluation' ? (event.metrics[metric] as number | undefined) : undefined;
              if (event.type === 'evaluation' && value === undefined && metric.startsWith(`${event.split}/`)) {
                throw new InputError(`earlyStopping: monitor '${metric}' is not measured; the evaluation has ${Object.keys(event.metrics).join(', ')}`);
              }
              const verdict = value === undefined ? undefined : monitor.see({ value, step: event.step, epoch: event.epoch, train });
              // Nominated before the event goes on: whoever sees the event sees the best already kept.
              if (verdict?.best && restoreBest) run!.nominate();
              stopped = verdict?.stop !== undefined;
              subscriber.next(event);
              if (!verdict?.stop || subscriber.closed) return;
              const { bestStep } = monitor;
              subscriber.next({ type: 'stop', step: event.step, epoch: event.epoch, wall: Date.now(), reason: verdict.stop, ...(restoreBest && bestStep >= 0 ? { bestStep } : {}), [RUN]: event[RUN] });
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
