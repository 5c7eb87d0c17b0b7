/** Golden stopping rules: early stopping as Keras 2 and 3 define it, and Prechelt's criteria. */
import { generalizationLoss, percentAbove, progressQuotient, stoppingMonitor, trainingProgress, type MonitorOptions } from '@gradstream/pipeline';
import type { Family } from './case.ts';
import { each, onArrays } from './layers.ts';

/** Lets a monitor see one value an epoch until it stops. */
function follow(options: Omit<MonitorOptions, 'monitor'>, values: readonly number[], train: readonly number[] = []) {
  const monitor = stoppingMonitor({ monitor: 'validation/loss', ...options });
  const at = values.findIndex((value, epoch) => monitor.see({ value, step: epoch, epoch, train: train[epoch] }).stop !== undefined);
  return { stop_epoch: at < 0 ? null : at, best_epoch: monitor.bestStep < 0 ? null : monitor.bestStep, best: monitor.best };
}

const lowestSoFar = (values: readonly number[]): number[] => values.map((_, i) => Math.min(...values.slice(0, i + 1)));

export const stopping: Family = each(onArrays, {
  early_stopping({ hyper, input, output }) {
    const { mode, min_delta: minDelta, patience, baseline, start_from_epoch: startFrom, baseline_rule } = hyper as { readonly mode: 'min' | 'max'; readonly min_delta: number; readonly patience: number; readonly baseline: number | null; readonly start_from_epoch: number; readonly baseline_rule: string };
    const options = { mode, minDelta, patience, startFrom, baselineIs: baseline_rule === 'initial-best' ? 'best' : 'bar', ...(baseline === null ? {} : { baseline }) } as const;
    return [{ what: 'stop', actual: follow(options, (input as { readonly values: readonly number[] }).values), expected: output }];
  },
  generalization_loss({ hyper, input, output }) {
    const { validation } = input as { readonly validation: readonly number[] };
    const best = lowestSoFar(validation);
    const { stop_epoch } = follow({ rule: generalizationLoss({ alpha: hyper.alpha as number }) }, validation);
    return [{ what: 'GL', actual: { GL: validation.map((value, i) => percentAbove(value, best[i])), stop_epoch }, expected: output }];
  },
  progress_quotient({ hyper, input, output }) {
    const { validation, train } = input as { readonly validation: readonly number[]; readonly train: readonly number[] };
    const { alpha, strip } = hyper as { readonly alpha: number; readonly strip: number };
    const best = lowestSoFar(validation);
    const progress = train.map((_, i) => (i + 1 < strip ? null : trainingProgress(train.slice(i + 1 - strip, i + 1))));
    const PQ = validation.map((value, i) => (progress[i] === null ? null : percentAbove(value, best[i]) / progress[i]));
    const { stop_epoch } = follow({ rule: progressQuotient({ alpha, strip }) }, validation, train);
    return [{ what: 'PQ', actual: { progress, PQ, stop_epoch }, expected: output }];
  },
});
