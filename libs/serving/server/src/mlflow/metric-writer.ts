import { newId, type Column, type PointsBatch } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import type { MetricRows } from './metric-rows.ts';

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

  async write(run: string, rows: MetricRows): Promise<void> {
    const { keys, key, value, timestamp, step } = rows;
    if (step.length === 0) return;
    for (let i = 0; i < step.length; i += 1) if (step[i] === 0) step[i] = await this.arrival(run, keys[key[i]], timestamp[i], value[i]);
    const seq = (this.seqs.get(run) ?? 0) + 1;
    this.seqs.set(run, seq);
    await this.store.append(run, batchOf(this.writer, seq, rows));
  }

  /** The number of a value without a step; that of the value before, where it is that one sent again. */
  private async arrival(run: string, key: string, timestamp: number, value: number): Promise<number> {
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

/**
 * Values of one step and time share a row, as they do where a client logs several metrics at each step. The rows of a
 * column rise; the next one is nearly always that after its last.
 */
export function batchOf(writer: string, seq: number, { keys, key, value, timestamp, step: steps }: MetricRows): PointsBatch {
  const t0 = timestamp[0];
  const step: number[] = [];
  const time: number[] = [];
  const places = new Map<number, Map<number, number>>();
  const columns = keys.map(() => ({ at: [] as number[], values: [] as number[] }));
  for (let i = 0; i < steps.length; i += 1) {
    const { at, values } = columns[key[i]];
    const last = at.length === 0 ? -1 : at[at.length - 1];
    let row = last + 1;
    if (row >= step.length || step[row] !== steps[i] || time[row] !== timestamp[i]) {
      row = places.get(steps[i])?.get(timestamp[i]) ?? -1;
      if (row <= last) {
        row = step.push(steps[i]) - 1;
        time.push(timestamp[i]);
        const byTime = places.get(steps[i]) ?? new Map<number, number>();
        places.set(steps[i], byTime.set(timestamp[i], row));
      }
    }
    at.push(row);
    values.push(value[i]);
  }
  return {
    writer, seq, attempt: 0, t0, step: Float64Array.from(step), dt: Float64Array.from(time, (ms) => ms - t0),
    columns: columns.map(({ at, values }, c): Column => ({ metric: keys[c], values: Float64Array.from(values), ...(at.length === step.length ? {} : { at: Uint32Array.from(at) }) })),
  };
}
