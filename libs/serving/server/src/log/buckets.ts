import type { Points } from './points.ts';

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

  private data: Float64Array;

  /** @param room buckets that it has room for before it grows */
  constructor(room = 16) {
    this.data = new Float64Array(room * bucketWidth);
  }

  /** The buckets of some rows, which stay where they are. */
  static from(rows: Float64Array): Buckets {
    const buckets = new Buckets(0);
    buckets.data = rows;
    buckets.length = rows.length / bucketWidth;
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
    const column = new Array<number>(this.length);
    for (let i = 0, at = field; i < this.length; i += 1, at += bucketWidth) column[i] = this.data[at];
    return column;
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

  /** Some points, from `begin` on and before `end`, into the last bucket. */
  extendPoints({ step, wall, value }: Points, begin: number, end: number): void {
    if (begin === end) return;
    const { data } = this;
    const at = (this.length - 1) * bucketWidth;
    let [low, high, total, nans] = [data[at + min], data[at + max], data[at + sum], 0];
    for (let i = begin; i < end; i += 1) {
      const x = value[i];
      if (x !== x) nans += 1;
      else {
        if (!(low <= x)) low = x;
        if (!(high >= x)) high = x;
        total += x;
      }
    }
    data[at + step1] = step[end - 1];
    data[at + wall1] = wall[end - 1];
    data[at + count] += end - begin;
    data[at + nan] += nans;
    data[at + min] = low;
    data[at + max] = high;
    data[at + last] = value[end - 1];
    data[at + sum] = total;
  }

  /** A bucket of another list as a new one. */
  add(other: Buckets, i: number): void {
    const at = this.grow();
    const { data } = this;
    for (let field = 0, from = i * bucketWidth; field < bucketWidth; field += 1) data[at + field] = other.data[from + field];
  }

  /** All buckets of another list as new ones. */
  append(other: Buckets): void {
    for (let i = 0; i < other.length; i += 1) this.add(other, i);
  }

  /** A bucket of another list into the last one. */
  extend(other: Buckets, i: number): void {
    const { data } = this;
    const at = (this.length - 1) * bucketWidth;
    const from = i * bucketWidth;
    data[at + step1] = other.data[from + step1];
    data[at + wall1] = other.data[from + wall1];
    data[at + count] += other.data[from + count];
    data[at + nan] += other.data[from + nan];
    data[at + last] = other.data[from + last];
    data[at + sum] += other.data[from + sum];
    const low = other.data[from + min];
    const high = other.data[from + max];
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
