import type { RunInfo } from '@gradstream/protocol';
import { timingMetrics } from '../run/stage-times.model.ts';
import type { Fields } from './fields.model.ts';

/** The columns beside name, project, state and step: those that somebody chose, else some hyper-parameters that differ and the metrics people compare first. */
export function columnsOf(runs: readonly RunInfo[], { hypers }: Fields, chosen: readonly string[]): readonly string[] {
  if (chosen.length > 0) return chosen;
  return [...hypers.filter((key) => !/^spec\.(name|seed|version)$/.test(key)).slice(0, 3), ...metricColumns(runs)];
}

const preferred = ['validation/accuracy', 'test/accuracy', 'validation/loss', 'train/loss'];

/** The metrics that get a column: what people compare first, then what at least half of the runs have, but not where the time goes; at most `limit`. */
export function metricColumns(runs: readonly RunInfo[], limit = 4): readonly string[] {
  const counts = new Map<string, number>();
  for (const { summary } of runs) for (const metric of Object.keys(summary)) if (!timingMetrics.has(metric)) counts.set(metric, (counts.get(metric) ?? 0) + 1);
  const rank = (metric: string) => (preferred.includes(metric) ? preferred.indexOf(metric) : preferred.length);
  return [...counts.keys()].filter((metric) => preferred.includes(metric) || counts.get(metric)! * 2 >= runs.length).sort((a, b) => rank(a) - rank(b) || counts.get(b)! - counts.get(a)! || a.localeCompare(b, 'en')).slice(0, limit);
}

/** The rows that a scrolled table draws, and the room of those it does not: from and to are indices, heights pixels. */
export interface Slice {
  readonly from: number;
  readonly to: number;
  readonly above: number;
  readonly below: number;
}

/** What of `count` rows is in sight, with some rows more on either side. */
export function sliceOf(count: number, rowHeight: number, scrollTop: number, height: number, spare = 8): Slice {
  const from = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight) - spare), Math.max(0, count - 1));
  const to = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + spare);
  return { from, to: Math.max(from, to), above: from * rowHeight, below: Math.max(0, count - Math.max(from, to)) * rowHeight };
}
