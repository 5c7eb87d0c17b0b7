import type { Column, MetricValues, PointsBatch } from '@gradstream/protocol';

/**
 * Points as they are logged, one row a call, until somebody takes them as a batch. Adding a row allocates next to
 * nothing and does no I/O: it is what stands on a training step's path.
 */
export class PointBuffer {
  /** Rows waiting. */
  rows = 0;
  private step: number[] = [];
  private wall: number[] = [];
  private columns = new Map<string, { readonly at: number[]; readonly values: number[] }>();

  /** Adds a row; several records of values may share it. */
  add(step: number, wall: number, values: MetricValues, more?: MetricValues): void {
    this.step.push(step);
    this.wall.push(wall);
    this.put(values);
    if (more) this.put(more);
    this.rows += 1;
  }

  /** Takes what waits; undefined when nothing does. */
  take(head: Pick<PointsBatch, 'writer' | 'seq' | 'attempt'>): PointsBatch | undefined {
    if (this.rows === 0) return undefined;
    const { step, wall, columns, rows } = this;
    const t0 = wall[0];
    this.step = [];
    this.wall = [];
    this.columns = new Map();
    this.rows = 0;
    return {
      ...head, t0, step: Float64Array.from(step), dt: Float64Array.from(wall, (ms) => ms - t0),
      columns: Array.from(columns, ([metric, { at, values }]): Column => ({ metric, values: Float64Array.from(values), ...(at.length === rows ? {} : { at: Uint32Array.from(at) }) })),
    };
  }

  private put(values: MetricValues): void {
    for (const metric in values) {
      let column = this.columns.get(metric);
      if (!column) this.columns.set(metric, (column = { at: [], values: [] }));
      column.at.push(this.rows);
      column.values.push(values[metric]);
    }
  }
}
