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
    for (const metric of metrics) placed.push({ ...metric, step: metric.step ? metric.step : await this.arrival(run, metric) });
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

/** One row for each value: they may stand at different steps and times. */
function batchOf(writer: string, seq: number, metrics: readonly Metric[]): PointsBatch {
  const t0 = metrics[0].timestamp;
  const rows = new Map<string, number[]>();
  metrics.forEach(({ key }, i) => rows.set(key, [...(rows.get(key) ?? []), i]));
  return {
    writer, seq, attempt: 0, t0,
    step: Float64Array.from(metrics, ({ step }) => step ?? 0),
    dt: Float64Array.from(metrics, ({ timestamp }) => timestamp - t0),
    columns: Array.from(rows, ([metric, at]) => ({ metric, at: Uint32Array.from(at), values: Float64Array.from(at, (i) => metrics[i].value) })),
  };
}
