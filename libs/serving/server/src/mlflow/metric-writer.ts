import { newId, type PointsBatch } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { Metric } from './model.ts';

/** What is known of a metric that came without steps. */
interface Arrivals {
  next: number;
  lastTimestamp: number;
  lastValue: number;
}

/**
 * Writes MLflow's single metrics as points. Its client sends step 0 for every value where the user gave none; such
 * values get the numbers 0, 1, 2, … in order of arrival, so that their curve is one. A value that is sent again (same
 * key, step, time and value) is written once.
 */
export class MetricWriter {
  private readonly writer = newId();
  private readonly seqs = new Map<string, number>();
  private readonly arrivals = new Map<string, Map<string, Arrivals>>();

  constructor(private readonly store: RunStore) {}

  async write(run: string, metrics: readonly Metric[]): Promise<void> {
    if (metrics.length === 0) return;
    const placed: Metric[] = [];
    for (const metric of metrics) placed.push(metric.step ? metric : { ...metric, step: await this.arrival(run, metric) });
    const seq = (this.seqs.get(run) ?? 0) + 1;
    this.seqs.set(run, seq);
    await this.store.append(run, batchOf(this.writer, seq, placed));
  }

  /** The number of a value without a step; that of the value before, where it is that one sent again. */
  private async arrival(run: string, { key, timestamp, value }: Metric): Promise<number> {
    const byMetric = this.arrivals.get(run) ?? new Map<string, Arrivals>();
    this.arrivals.set(run, byMetric);
    let known = byMetric.get(key);
    if (!known) {
      const summary = (await this.store.run(run))?.summary[key];
      known = { next: summary ? summary.step + 1 : 0, lastTimestamp: NaN, lastValue: NaN };
      byMetric.set(key, known);
    }
    if (known.lastTimestamp === timestamp && Object.is(known.lastValue, value)) return known.next - 1;
    Object.assign(known, { next: known.next + 1, lastTimestamp: timestamp, lastValue: value });
    return known.next - 1;
  }
}

/** Values of one step and time share a row, as they do where a client logs several metrics at each step. */
function batchOf(writer: string, seq: number, metrics: readonly Metric[]): PointsBatch {
  const t0 = metrics[0].timestamp;
  const step: number[] = [];
  const dt: number[] = [];
  const rows = new Map<number, Map<number, number>>();
  const columns = new Map<string, { at: number[]; values: number[] }>();
  for (const metric of metrics) {
    const column = columns.get(metric.key) ?? { at: [], values: [] };
    columns.set(metric.key, column);
    const given = metric.step ?? 0;
    const byTime = rows.get(given) ?? new Map<number, number>();
    rows.set(given, byTime);
    let row = byTime.get(metric.timestamp);
    if (row === undefined || row <= (column.at.at(-1) ?? -1)) {
      row = step.push(given) - 1;
      dt.push(metric.timestamp - t0);
      byTime.set(metric.timestamp, row);
    }
    column.at.push(row);
    column.values.push(metric.value);
  }
  return {
    writer, seq, attempt: 0, t0, step: Float64Array.from(step), dt: Float64Array.from(dt),
    columns: Array.from(columns, ([metric, { at, values }]) => ({ metric, values: Float64Array.from(values), ...(at.length === step.length ? {} : { at: Uint32Array.from(at) }) })),
  };
}
