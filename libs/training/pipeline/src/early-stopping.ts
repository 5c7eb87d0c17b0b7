import { boolean, checkOptions, InputError, toSpec, type OptionTable } from '@gradstream/numerics';
import { ending, type EndingStage } from './ending.ts';
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
export function earlyStopping({ restoreBest = true, ...options }: EarlyStoppingOptions): EndingStage {
  checkOptions('earlyStopping', { restoreBest, ...options }, earlyStoppingRules);
  stoppingMonitor(options, 'earlyStopping');
  const spec = () => ({ stage: 'earlyStopping', earlyStopping: toSpec({ ...options, ...(restoreBest ? {} : { restoreBest }) }) });

  return ending('earlyStopping', spec, () => {
    const monitor = stoppingMonitor(options, 'earlyStopping');
    const { metric } = monitor;
    let train = NaN;
    return {
      join(_, kept) {
        if (!kept) return;
        monitor.restore(kept as unknown as MonitorMemory);
        train = Number(kept['train']);
      },
      memory: () => ({ ...monitor.save(), train: String(train) }),
      see(event, run) {
        if (event.type === 'step') train = event.metrics['train/lossMean'];
        if (event.type !== 'evaluation') return undefined;
        const value = event.metrics[metric] as number | undefined;
        if (value === undefined && metric.startsWith(`${event.split}/`)) {
          throw new InputError(`earlyStopping: monitor '${metric}' is not measured; the evaluation has ${Object.keys(event.metrics).join(', ')}`);
        }
        if (value === undefined) return undefined;
        const { best, stop } = monitor.see({ value, step: event.step, epoch: event.epoch, train });
        if (best && restoreBest) run.nominate();
        return { reason: stop, bestStep: restoreBest && monitor.bestStep >= 0 ? monitor.bestStep : undefined };
      },
    };
  });
}
