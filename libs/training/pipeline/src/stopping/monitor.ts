import { checkOptions, finite, InputError, nonNegative, oneOf, shown, text, wholeNumber, type OptionTable, type Rule } from '@gradstream/numerics';
import { patience as patienceRule } from './patience.ts';
import type { StoppingRule } from './rule.ts';

export interface MonitorOptions {
  /** An evaluation's metric: `validation/loss`. The test split is refused: what decides is no longer a test. */
  readonly monitor: string;
  /** Evaluations in a row without an improvement before the run stops: short for `rule: patience({ evaluations })`. Default 3. */
  readonly patience?: number;
  /** When to stop, instead of `patience`: `generalizationLoss()`, `progressQuotient()`, `successiveRises()`. */
  readonly rule?: StoppingRule;
  /** Smallest change that counts as an improvement. Default 0. */
  readonly minDelta?: number;
  /** Which way is better. Default: `max` for accuracy, AUC, F1 and R², otherwise `min`. */
  readonly mode?: 'min' | 'max';
  /** A value to beat; evaluations that do not reach it use up patience. Default none. */
  readonly baseline?: number;
  /**
   * What the baseline is: a bar that patience waits for, while the best is whatever was measured (`bar`, as in Keras 3), or the
   * first best itself (`best`, as in Keras 2 and TensorFlow.js), so that a run that never reaches it has no best. Default `bar`.
   */
  readonly baselineIs?: 'bar' | 'best';
  /** First epoch (0-based) whose evaluations count. Default 0. */
  readonly startFrom?: number;
}

/** A rule that a factory made. */
export const aStoppingRule: Rule = { says: 'a stopping rule such as generalizationLoss()', accepts: (x) => typeof (x as StoppingRule | null)?.judge === 'function', schema: { $ref: '#/$defs/stopping' }, kinds: ['stopping'] };

export const monitorRules: OptionTable<MonitorOptions> = {
  monitor: text,
  patience: wholeNumber,
  rule: aStoppingRule,
  minDelta: nonNegative,
  mode: oneOf('min', 'max'),
  baseline: finite,
  baselineIs: oneOf('bar', 'best'),
  startFrom: wholeNumber,
};

/** One evaluation of the monitored metric. */
export interface Reading {
  readonly value: number;
  readonly step: number;
  readonly epoch: number;
  /** The training error beside it. Default NaN. */
  readonly train?: number;
}

/** What a monitor says of an evaluation. */
export interface Verdict {
  /** Whether it is the best so far. */
  readonly best: boolean;
  /** Why to stop now. */
  readonly stop?: string;
}

/** A monitor's memory as plain JSON; infinities are written as words. */
export type MonitorMemory = { readonly best: string; readonly bestStep: number; readonly rule: readonly string[] };

/** Follows one metric and says when to stop; what `earlyStopping` is made of, for loops of one's own. NaN is never better. */
export interface Monitor {
  readonly metric: string;
  /** The best value so far, and its step; −1 before there is one. */
  readonly best: number;
  readonly bestStep: number;
  see(reading: Reading): Verdict;
  save(): MonitorMemory;
  restore(memory: MonitorMemory): void;
}

/** @param where begins the sentences of errors. Default `stoppingMonitor` */
export function stoppingMonitor(options: MonitorOptions, where = 'stoppingMonitor'): Monitor {
  checkOptions(where, options, monitorRules);
  const { monitor: metric, minDelta = 0, baseline, baselineIs = 'bar', startFrom = 0 } = options;
  if (metric === undefined) throw new InputError(`${where}: monitor is required: ${text.says} such as 'validation/loss'`);
  if (metric.startsWith('test/')) throw new InputError(`${where}: monitor must not be a metric of the test split, received ${shown(metric)}; what decides when to stop is no longer a test, use 'validation/…'`);
  if (options.rule && options.patience !== undefined) throw new InputError(`${where}: give patience or rule, not both`);
  const rule = options.rule ?? patienceRule({ evaluations: options.patience });
  const mode = options.mode ?? (/accuracy|auc|f1|r2|rSquared|precision|recall/i.test(metric) ? 'max' : 'min');
  if (rule.judgesErrors && mode === 'max') throw new InputError(`${where}: ${rule.name} compares errors, which are better when smaller; ${metric} is better when larger`);
  if (rule.judgesErrors && baseline !== undefined) throw new InputError(`${where}: baseline is for patience, and ${rule.name} compares with the best so far`);
  const better = (value: number, than: number): boolean => (mode === 'min' ? value < than - minDelta : value > than + minDelta);
  const worst = mode === 'min' ? Infinity : -Infinity;

  let best = baselineIs === 'best' ? (baseline ?? worst) : worst;
  let bestStep = -1;
  let memory: readonly number[] = [];
  return {
    metric,
    get best() {
      return best;
    },
    get bestStep() {
      return bestStep;
    },
    see({ value, step, epoch, train = NaN }) {
      if (epoch < startFrom) return { best: false };
      if (rule.judgesErrors && value < 0) throw new InputError(`${where}: ${rule.name} compares errors, which are at least 0; ${metric} was ${value} at step ${step}`);
      const isBest = better(value, best);
      if (isBest) [best, bestStep] = [value, step];
      const improved = isBest && (baseline === undefined || better(value, baseline));
      const judgement = rule.judge({ value, best, improved, train }, memory);
      memory = judgement.memory;
      const since = bestStep >= 0 ? ` since step ${bestStep} (${Number(best.toPrecision(6))})` : '';
      return { best: isBest, ...(judgement.reason && !isBest ? { stop: `${metric} ${judgement.reason}${since}` } : {}) };
    },
    save: () => ({ best: String(best), bestStep, rule: memory.map(String) }),
    restore: (kept) => {
      best = Number(kept.best);
      ({ bestStep } = kept);
      memory = kept.rule.map(Number);
    },
  };
}
