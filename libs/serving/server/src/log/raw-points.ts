import type { Backing, StoredSeries } from '../backing/backing.ts';
import type { Rows } from './item.ts';

/** Points of one series, in the order in which they came. */
export class RawPoints {
  readonly step: number[] = [];
  readonly wall: number[] = [];
  readonly value: number[] = [];

  /** Adds the points of a metric that lie in a range of steps. */
  add({ step, wall, columns }: Rows, metric: string, from: number, to: number): void {
    const column = columns.find((each) => each.metric === metric);
    if (!column) return;
    const { values, at } = column;
    for (let i = 0; i < values.length; i += 1) {
      const row = at ? at[i] : i;
      if (step[row] < from || step[row] > to) continue;
      this.step.push(step[row]);
      this.wall.push(wall[row]);
      this.value.push(values[i]);
    }
  }

  /** The same points by rising step; of several at one step the last one that came. */
  sorted(): RawPoints {
    const { step, wall, value } = this;
    if (rises(step)) return this;
    const order = Uint32Array.from(step.keys()).sort((a, b) => step[a] - step[b] || a - b);
    const sorted = new RawPoints();
    order.forEach((i, k) => {
      if (k + 1 < order.length && step[order[k + 1]] === step[i]) return;
      sorted.step.push(step[i]);
      sorted.wall.push(wall[i]);
      sorted.value.push(value[i]);
    });
    return sorted;
  }

  /** The value at each step; of several the last one that came. */
  byStep(): Map<number, number> {
    return new Map(this.step.map((step, i) => [step, this.value[i]]));
  }
}

/** Where to find the points of a run: in its segments up to a position, and in the tail after it. */
export interface RunRows {
  readonly run: string;
  readonly base: number;
  readonly tail: readonly Rows[];
}

/** The points of a series within a range of steps, in the order in which they came. */
export async function pointsOfSeries(backing: Backing, { run, base, tail }: RunRows, series: StoredSeries, from: number, to: number, into = new RawPoints()): Promise<RawPoints> {
  for (const { no, lsn } of await backing.segmentsOver(run, series.attempt, from, to)) {
    if (lsn[1] <= base) into.add(await backing.rows(run, no, series.no), series.metric, from, to);
  }
  for (const rows of tail) {
    if (rows.attempt === series.attempt && !(rows.span && (rows.span[1] < from || rows.span[0] > to))) into.add(rows, series.metric, from, to);
  }
  return into;
}

/** Whether each number is above the one before it. */
export function rises(numbers: ArrayLike<number>): boolean {
  for (let i = 1; i < numbers.length; i += 1) if (numbers[i] <= numbers[i - 1]) return false;
  return true;
}
