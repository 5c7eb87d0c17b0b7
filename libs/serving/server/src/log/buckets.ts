/**
 * Buckets: what is kept of points that stand next to each other. A bucket is a row of 11 numbers, so that a list of
 * them is one array, in memory and on disk.
 */
export const bucketWidth = 11;

/** Place of each number in a bucket's row. `min`, `max` and `sum` leave NaN out; `min` and `max` are NaN when all points are. */
export const step0 = 0;
export const step1 = 1;
export const wall0 = 2;
export const wall1 = 3;
export const count = 4;
export const nan = 5;
export const min = 6;
export const max = 7;
export const first = 8;
export const last = 9;
export const sum = 10;

/** A list of buckets that grows at its end. Points and buckets are added in order of their steps. */
export class Buckets {
  length = 0;

  constructor(private data: Float64Array = new Float64Array(16 * bucketWidth)) {}

  /** Takes buckets from bytes as `bytes()` gave them. */
  static from(data: Float64Array): Buckets {
    const buckets = new Buckets(data);
    buckets.length = data.length / bucketWidth;
    return buckets;
  }

  get(i: number, field: number): number {
    return this.data[i * bucketWidth + field];
  }

  /** The rows from `begin` on and before `end`, as a view. */
  rows(begin = 0, end = this.length): Float64Array {
    return this.data.subarray(begin * bucketWidth, end * bucketWidth);
  }

  /** One field of every bucket. */
  column(field: number): number[] {
    return Array.from({ length: this.length }, (_, i) => this.data[i * bucketWidth + field]);
  }

  /** A new bucket of one point. */
  addPoint(step: number, wall: number, value: number): void {
    const at = this.grow();
    const { data } = this;
    const isNaN = value !== value;
    data[at + step0] = data[at + step1] = step;
    data[at + wall0] = data[at + wall1] = wall;
    data[at + count] = 1;
    data[at + nan] = isNaN ? 1 : 0;
    data[at + min] = data[at + max] = data[at + first] = data[at + last] = value;
    data[at + sum] = isNaN ? 0 : value;
  }

  /** A point into the last bucket. */
  extendPoint(step: number, wall: number, value: number): void {
    const { data } = this;
    const at = (this.length - 1) * bucketWidth;
    data[at + step1] = step;
    data[at + wall1] = wall;
    data[at + count] += 1;
    data[at + last] = value;
    if (value !== value) {
      data[at + nan] += 1;
      return;
    }
    if (!(data[at + min] <= value)) data[at + min] = value;
    if (!(data[at + max] >= value)) data[at + max] = value;
    data[at + sum] += value;
  }

  /** A bucket of another list as a new one. */
  add(other: Buckets, i: number): void {
    const at = this.grow();
    this.data.set(other.rows(i, i + 1), at);
  }

  /** All buckets of another list as new ones. */
  append(other: Buckets): void {
    for (let i = 0; i < other.length; i += 1) this.add(other, i);
  }

  /** A bucket of another list into the last one. */
  extend(other: Buckets, i: number): void {
    const { data } = this;
    const at = (this.length - 1) * bucketWidth;
    data[at + step1] = other.get(i, step1);
    data[at + wall1] = other.get(i, wall1);
    data[at + count] += other.get(i, count);
    data[at + nan] += other.get(i, nan);
    data[at + last] = other.get(i, last);
    data[at + sum] += other.get(i, sum);
    const low = other.get(i, min);
    const high = other.get(i, max);
    if (low === low && !(data[at + min] <= low)) data[at + min] = low;
    if (high === high && !(data[at + max] >= high)) data[at + max] = high;
  }

  /** The same buckets by their first steps. */
  sorted(): Buckets {
    const order = Array.from({ length: this.length }, (_, i) => i).sort((a, b) => this.get(a, step0) - this.get(b, step0) || a - b);
    const sorted = new Buckets();
    for (const i of order) sorted.add(this, i);
    return sorted;
  }

  private grow(): number {
    const at = this.length * bucketWidth;
    if (at === this.data.length) {
      const wider = new Float64Array(Math.max(16 * bucketWidth, this.data.length * 2));
      wider.set(this.data);
      this.data = wider;
    }
    this.length += 1;
    return at;
  }
}

/** Where on an axis a bucket begins. */
export type Axis = 'step' | 'wall';
export const beginOf = (axis: Axis): number => (axis === 'step' ? step0 : wall0);
export const endOf = (axis: Axis): number => (axis === 'step' ? step1 : wall1);

/**
 * Merges buckets into at most `points`, equally wide on the axis (or on its logarithm). Fewer than asked for pass as they are.
 */
export function regroup(fine: Buckets, points: number, axis: Axis, log: boolean, origin: number): Buckets {
  if (fine.length <= points) return fine;
  const field = beginOf(axis);
  const position = log ? (i: number) => Math.log1p(Math.max(0, fine.get(i, field) - origin)) : (i: number) => fine.get(i, field);
  const low = position(0);
  const width = (position(fine.length - 1) - low) / points || 1;
  const coarse = new Buckets();
  let group = -1;
  for (let i = 0; i < fine.length; i += 1) {
    const mine = Math.max(group, Math.min(points - 1, Math.floor((position(i) - low) / width)));
    if (mine === group) coarse.extend(fine, i);
    else coarse.add(fine, i);
    group = mine;
  }
  return coarse;
}
