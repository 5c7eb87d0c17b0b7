/**
 * A curve that grows: points (x, y) in order of x, and over them a pyramid of block summaries, so that any window
 * is reduced to a screen's columns in time that depends on the columns, not on the points. No extreme, no NaN and
 * no infinity is ever lost by the reduction.
 */
import { Columns } from './columns.ts';

/** What a column holds besides finite values; combined by `|`. */
export const hasNaN = 1;
export const hasPositiveInfinity = 2;
export const hasNegativeInfinity = 4;

/** The flag of one value; 0 for a finite one. */
export const flagOf = (y: number): number => (y - y === 0 ? 0 : y !== y ? hasNaN : y > 0 ? hasPositiveInfinity : hasNegativeInfinity);

const blockBits = 4;
const block = 1 << blockBits;

/** Summaries of consecutive blocks, each of 16 entries of the level below. */
interface Level {
  min: Float64Array;
  max: Float64Array;
  sum: Float64Array;
  finite: Float64Array;
  flags: Uint8Array;
}

const newLevel = (capacity: number): Level => ({
  min: new Float64Array(capacity), max: new Float64Array(capacity), sum: new Float64Array(capacity),
  finite: new Float64Array(capacity), flags: new Uint8Array(capacity),
});

const grown = <A extends Float64Array | Uint8Array>(array: A, capacity: number): A => {
  const larger = new (array.constructor as new (n: number) => A)(capacity);
  larger.set(array);
  return larger;
};

export class Curve {
  #x = new Float64Array(64);
  #y = new Float64Array(64);
  /** When each point was taken, where times are given. */
  #time: Float64Array | undefined;
  #length = 0;
  /** Points before this one are in order of x, each x once. */
  #ordered = 0;
  /** Points before this one are in the pyramid. */
  #summarised = 0;
  #levels: Level[] = [];
  #revision = 0;

  /** Number of points. */
  get length(): number {
    this.#settle();
    return this.#length;
  }

  /** How many points it stands for: as many as it has, unless it is one of buckets. */
  get points(): number {
    return this.length;
  }

  /** How many finite points each place stands for; undefined where each is a point. */
  get counts(): Float64Array | undefined {
    return undefined;
  }

  /** Where the last point stands; NaN without any. */
  get end(): number {
    this.#settle();
    return this.#length > 0 ? this.#x[this.#length - 1] : NaN;
  }

  /** Grows when points other than the last changed: whoever derives something from the curve starts over. */
  get revision(): number {
    this.#settle();
    return this.#revision;
  }

  /** Position of the points in order, a view that later points may outgrow. */
  get x(): Float64Array {
    this.#settle();
    return this.#x.subarray(0, this.#length);
  }

  /** Values of the points, NaN and infinities among them. */
  get y(): Float64Array {
    this.#settle();
    return this.#y.subarray(0, this.#length);
  }

  /** When the points were taken, in their order; empty unless times were given with them. */
  get time(): Float64Array {
    this.#settle();
    return this.#time?.subarray(0, this.#length) ?? new Float64Array(0);
  }

  /**
   * Adds a point. Any order of x is taken; of two points at the same x the later call wins.
   *
   * @param time when it was taken; given with every point of a curve, or with none
   */
  append(x: number, y: number, time?: number): void {
    const n = this.#length;
    if (n === this.#x.length) this.#reserve(n + 1);
    this.#x[n] = x;
    this.#y[n] = y;
    if (time !== undefined) (this.#time ??= new Float64Array(this.#x.length))[n] = time;
    if (this.#ordered === n && (n === 0 || x > this.#x[n - 1])) this.#ordered = n + 1;
    this.#length = n + 1;
  }

  /** Adds points that stand side by side, each as `append` adds one; many at once cost little more than their copy. */
  extend(x: Float64Array, y: Float64Array, time?: Float64Array): void {
    const n = this.#length;
    const length = n + x.length;
    if (length > this.#x.length) this.#reserve(length);
    this.#x.set(x, n);
    this.#y.set(y, n);
    if (time) (this.#time ??= new Float64Array(this.#x.length)).set(time, n);
    if (this.#ordered === n) this.#ordered = risingUntil(this.#x, n, length);
    this.#length = length;
  }

  /** Makes room for `length` points, and for half as many more than there was room for. */
  #reserve(length: number): void {
    const capacity = Math.max(length, Math.ceil(this.#x.length * 1.5));
    this.#x = grown(this.#x, capacity);
    this.#y = grown(this.#y, capacity);
    if (this.#time) this.#time = grown(this.#time, capacity);
  }

  /** Forgets all points. */
  clear(): void {
    this.#length = this.#ordered = this.#summarised = 0;
    this.#revision++;
  }

  /** Index of the first point at or after `x`; the length when there is none. */
  indexAt(x: number): number {
    this.#settle();
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#x[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the point nearest to `x`; -1 for an empty curve. */
  nearest(x: number): number {
    const after = this.indexAt(x);
    const { x: places, length } = this;
    if (after === 0) return length > 0 ? 0 : -1;
    if (after === length) return after - 1;
    return x - places[after - 1] <= places[after] - x ? after - 1 : after;
  }

  /**
   * Reduces the points of [from, to] to at most about `count` columns of equal width, and one point on either side,
   * so that lines reach the edges. Where there is room for each point, each point is a column.
   *
   * @param into is overwritten and returned, so that drawing allocates nothing
   */
  columns(from: number, to: number, count: number, into = new Columns()): Columns {
    this.#settle();
    into.clear();
    const begin = Math.max(0, this.indexAt(from) - 1);
    let end = this.indexAt(to);
    if (end < this.#length) end++;
    if (end - begin <= count * 2) {
      into.reserve(end - begin);
      for (let i = begin; i < end; i++) this.#pushPoint(into, i);
      return into;
    }
    this.#summarise();
    into.reserve(count + 3);
    const width = (to - from) / count;
    let at = begin;
    if (this.#x[at] < from) this.#pushPoint(into, at++);
    while (at < end && this.#x[at] <= to) {
      const column = Math.min(count - 1, Math.floor((this.#x[at] - from) / width));
      const next = column === count - 1 ? this.indexAfter(to) : Math.max(at + 1, this.indexAt(from + (column + 1) * width));
      this.#pushRange(into, at, next);
      at = next;
    }
    if (at < end) this.#pushPoint(into, at);
    return into;
  }

  /** One column that summarises everything between the indices `begin` and `end` (exclusive). */
  summary(begin = 0, end = this.length): Columns {
    const into = new Columns();
    into.reserve(1);
    this.#summarise();
    if (end > begin) this.#pushRange(into, begin, end);
    return into;
  }

  /** Index behind the last point at or before `x`. */
  indexAfter(x: number): number {
    const i = this.indexAt(x);
    return i < this.length && this.x[i] === x ? i + 1 : i;
  }

  #pushPoint(into: Columns, i: number): void {
    const y = this.#y[i];
    const flags = flagOf(y);
    if (flags) into.push(this.#x[i], this.#x[i], 1, 0, NaN, NaN, NaN, NaN, NaN, flags);
    else into.push(this.#x[i], this.#x[i], 1, 1, y, y, y, y, y, 0);
  }

  #pushRange(into: Columns, begin: number, end: number): void {
    let min = Infinity;
    let max = -Infinity;
    let sum = 0;
    let finite = 0;
    let flags = 0;
    const points = (from: number, to: number) => {
      for (let i = from; i < to; i++) {
        const y = this.#y[i];
        if (y - y === 0) {
          if (y < min) min = y;
          if (y > max) max = y;
          sum += y;
          finite++;
        } else flags |= flagOf(y);
      }
    };
    const blocks = (level: Level, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        if (level.min[i] < min) min = level.min[i];
        if (level.max[i] > max) max = level.max[i];
        sum += level.sum[i];
        finite += level.finite[i];
        flags |= level.flags[i];
      }
    };
    // Up the pyramid as far as whole blocks fit, taking the ragged ends on each level.
    let low = begin;
    let high = end;
    for (let k = -1; low < high; k++) {
      const take = k < 0 ? points : (from: number, to: number) => blocks(this.#levels[k], from, to);
      const lowBlock = Math.ceil(low / block);
      const highBlock = Math.floor(high / block);
      if (lowBlock >= highBlock || k + 1 >= this.#levels.length) {
        take(low, high);
        break;
      }
      take(low, lowBlock * block);
      take(highBlock * block, high);
      low = lowBlock;
      high = highBlock;
    }
    let first = begin;
    while (first < end && flagOf(this.#y[first]) !== 0) first++;
    let last = end - 1;
    while (last >= begin && flagOf(this.#y[last]) !== 0) last--;
    const none = finite === 0;
    into.push(this.#x[begin], this.#x[end - 1], end - begin, finite, none ? NaN : min, none ? NaN : max, none ? NaN : this.#y[first], none ? NaN : this.#y[last], none ? NaN : sum / finite, flags);
  }

  /** Puts points that came out of order in their places. */
  #settle(): void {
    if (this.#ordered === this.#length) return;
    const late = Array.from({ length: this.#length - this.#ordered }, (_, i) => this.#ordered + i);
    const x = this.#x;
    const least = late.reduce((least, i) => Math.min(least, x[i]), Infinity);
    let from = this.#ordered;
    while (from > 0 && x[from - 1] >= least) from--;
    const order = Array.from({ length: this.#length - from }, (_, i) => from + i).sort((a, b) => x[a] - x[b] || a - b);
    const latest = order.filter((i, k) => k + 1 === order.length || x[order[k + 1]] !== x[i]);
    for (const array of [this.#x, this.#y, this.#time]) array?.set(latest.map((i) => array[i]), from);
    this.#length = this.#ordered = from + latest.length;
    this.#summarised = Math.min(this.#summarised, from);
    this.#revision++;
  }

  /** Brings the pyramid up to date, from the block of the first new point on. */
  #summarise(): void {
    this.#settle();
    if (this.#summarised === this.#length) return;
    let from = this.#summarised;
    let length = this.#length;
    for (let k = 0; length > block; k++) {
      const begin = from >>> blockBits;
      const end = Math.ceil(length / block);
      if (k === this.#levels.length) this.#levels.push(newLevel(Math.max(16, end)));
      const level = this.#levels[k];
      if (end > level.min.length) {
        for (const key of ['min', 'max', 'sum', 'finite'] as const) level[key] = grown(level[key], end * 2);
        level.flags = grown(level.flags, end * 2);
      }
      if (k === 0) summarisePoints(this.#y, length, level, begin, end);
      else summariseBlocks(this.#levels[k - 1], length, level, begin, end);
      from = begin;
      length = end;
    }
    this.#summarised = this.#length;
  }
}

/** Index up to which x rises from point to point, looking from `n` on. */
function risingUntil(x: Float64Array, n: number, length: number): number {
  let i = n;
  for (let before = n === 0 ? -Infinity : x[n - 1]; i < length && x[i] > before; i++) before = x[i];
  return i;
}

// Fields of an object are read once and not in the loops: a million points are summarised before a first drawing.

/** Summarises the values before `length` into the blocks [begin, end). */
function summarisePoints(y: Float64Array, length: number, { min, max, sum, finite, flags }: Level, begin: number, end: number): void {
  for (let b = begin; b < end; b++) {
    const first = b << blockBits;
    const last = Math.min(length, first + block);
    let [least, greatest, total, strange, flag] = [Infinity, -Infinity, 0, 0, 0];
    for (let i = first; i < last; i++) {
      const value = y[i];
      if (value - value === 0) {
        if (value < least) least = value;
        if (value > greatest) greatest = value;
        total += value;
      } else {
        flag |= flagOf(value);
        strange++;
      }
    }
    min[b] = least;
    max[b] = greatest;
    sum[b] = total;
    finite[b] = last - first - strange;
    flags[b] = flag;
  }
}

/** Summarises the blocks before `length` of the level below into the blocks [begin, end). */
function summariseBlocks(below: Level, length: number, level: Level, begin: number, end: number): void {
  const { min, max, sum, finite, flags } = below;
  for (let b = begin; b < end; b++) {
    const first = b << blockBits;
    const last = Math.min(length, first + block);
    let [least, greatest, total, count, flag] = [Infinity, -Infinity, 0, 0, 0];
    for (let i = first; i < last; i++) {
      if (min[i] < least) least = min[i];
      if (max[i] > greatest) greatest = max[i];
      total += sum[i];
      count += finite[i];
      flag |= flags[i];
    }
    level.min[b] = least;
    level.max[b] = greatest;
    level.sum[b] = total;
    level.finite[b] = count;
    level.flags[b] = flag;
  }
}
