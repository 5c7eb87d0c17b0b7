import type { Backing, StoredSeries } from '../backing/backing.ts';
import type { Rows } from './item.ts';
import type { Points } from './points.ts';

/** Points of one series, in the order in which they came: the columns in which they are kept, copied only where these hold others too. */
export class RawPoints {
  private readonly parts: Points[] = [];
  /** Highest step so far, and whether each was above the one before it. */
  private end = -Infinity;
  private rising = true;

  /** Adds the points of a metric that lie in a range of steps. */
  add({ step, wall, columns }: Rows, metric: string, from: number, to: number): void {
    const column = columns.find((each) => each.metric === metric);
    if (!column) return;
    const { values, at } = column;
    const part = between(at ? { step: picked(step, at), wall: picked(wall, at), value: values } : { step, wall, value: values }, 'step', from, to);
    if (part.step.length === 0) return;
    this.rising &&= part.step[0] > this.end && rises(part.step);
    this.end = part.step[part.step.length - 1];
    this.parts.push(part);
  }

  /** The same points by rising step; of several at one step the last one that came. One piece of them after the other. */
  pieces(): readonly Points[] {
    return this.rising ? this.parts : [this.sorted()];
  }

  /** The same in one piece. */
  sorted(): Points {
    const { step, wall, value } = joined(this.parts);
    if (this.rising) return { step, wall, value };
    const order = Uint32Array.from(step.keys()).sort((a, b) => step[a] - step[b] || a - b).filter((i, k, all) => k + 1 === all.length || step[all[k + 1]] !== step[i]);
    return { step: picked(step, order), wall: picked(wall, order), value: picked(value, order) };
  }

  /** The value at each step; of several the last one that came. */
  byStep(): Map<number, number> {
    const values = new Map<number, number>();
    for (const { step, value } of this.parts) for (let i = 0; i < step.length; i += 1) values.set(step[i], value[i]);
    return values;
  }
}

/** Those points that lie in a range of steps or clocks, both ends included: a view of them where they stand together. */
export function between(points: Points, axis: 'step' | 'wall', from: number, to: number): Points {
  const x = points[axis];
  if (from === -Infinity && to === Infinity) return points;
  let kept = 0;
  let [begin, end] = [x.length, 0];
  for (let i = 0; i < x.length; i += 1) {
    if (!(x[i] >= from && x[i] <= to)) continue;
    kept += 1;
    if (i < begin) begin = i;
    end = i + 1;
  }
  if (kept === x.length) return points;
  if (kept === 0 || kept === end - begin) return { step: points.step.subarray(begin, end), wall: points.wall.subarray(begin, end), value: points.value.subarray(begin, end) };
  const rows = new Uint32Array(kept);
  for (let i = begin, k = 0; i < end; i += 1) if (x[i] >= from && x[i] <= to) rows[k++] = i;
  return { step: picked(points.step, rows), wall: picked(points.wall, rows), value: picked(points.value, rows) };
}

const picked = (values: Float64Array, rows: Uint32Array): Float64Array => {
  const chosen = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) chosen[i] = values[rows[i]];
  return chosen;
};

function joined(parts: readonly Points[]): Points {
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((n, { step }) => n + step.length, 0);
  const [step, wall, value] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  let at = 0;
  for (const part of parts) {
    step.set(part.step, at);
    wall.set(part.wall, at);
    value.set(part.value, at);
    at += part.step.length;
  }
  return { step, wall, value };
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
