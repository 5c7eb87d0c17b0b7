/**
 * A curve of buckets: neighbouring points that were taken together before they came here. A bucket stands at its first
 * point and has the mean of its finite points for a value; a bucket of one point is that point. Columns hold the extremes
 * and the flags of all buckets, so that what a bucket keeps is drawn at every zoom.
 */
import { Columns } from './columns.ts';
import { Curve, flagOf, hasNaN } from './curve.ts';
import { type CurveSummary, trendOf } from './summary.ts';

export class BucketCurve extends Curve {
  #buckets = new Columns();
  #time = new Float64Array(0);
  #points = 0;
  #revision = 0;

  override get length(): number {
    return this.#buckets.length;
  }

  override get points(): number {
    return this.#points;
  }

  override get counts(): Float64Array {
    return this.#buckets.finite.subarray(0, this.length);
  }

  override get end(): number {
    return this.length > 0 ? this.#buckets.xLast[this.length - 1] : NaN;
  }

  override get revision(): number {
    return this.#revision;
  }

  override get x(): Float64Array {
    return this.#buckets.x.subarray(0, this.length);
  }

  /** Mean of the finite points of each bucket; where there is none, what stands there instead. */
  override get y(): Float64Array {
    return this.#buckets.mean.subarray(0, this.length);
  }

  override get time(): Float64Array {
    return this.#time.subarray(0, this.length);
  }

  /** The buckets themselves: read them, change nothing. */
  get buckets(): Columns {
    return this.#buckets;
  }

  override append(x: number, y: number, time = NaN): void {
    one.clear();
    const finite = y - y === 0;
    one.push(x, x, 1, finite ? 1 : 0, finite ? y : NaN, finite ? y : NaN, finite ? y : NaN, finite ? y : NaN, y, finite ? 0 : flagOf(y));
    this.appendBucket(one, 0, time);
  }

  override extend(x: Float64Array, y: Float64Array, time?: Float64Array): void {
    for (let i = 0; i < x.length; i++) this.append(x[i], y[i], time?.[i]);
  }

  /** Adds bucket i of a list behind the others. One that does not stand behind them (two clocks that agree) goes into the last. */
  appendBucket(list: Columns, i: number, time: number): void {
    const n = this.length;
    const merging = n > 0 && !(list.x[i] > this.#buckets.x[n - 1]);
    if (merging) this.#revision++;
    this.#buckets.take(list, i, merging);
    this.#points += list.points[i];
    if (merging) return;
    if (n === this.#time.length) {
      const larger = new Float64Array(Math.max(64, n * 2));
      larger.set(this.#time);
      this.#time = larger;
    }
    this.#time[n] = time;
  }

  override clear(): void {
    this.#buckets.clear();
    this.#points = 0;
    this.#revision++;
  }

  override indexAt(x: number): number {
    const { x: places } = this.#buckets;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (places[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Buckets that reach into [from, to], and one on either side, merged to at most about `count` columns. */
  override columns(from: number, to: number, count: number, into = new Columns()): Columns {
    into.clear();
    const begin = this.#firstReaching(from);
    let end = this.indexAfter(to);
    if (end < this.length) end++;
    const each = end - begin <= count * 2;
    into.reserve(each ? end - begin : count + 3);
    const width = (to - from) / count;
    let before = -1;
    for (let i = begin; i < end; i++) {
      const at = this.#buckets.x[i];
      const column = at < from ? -1 : at > to ? count : Math.min(count - 1, Math.floor((at - from) / width));
      into.take(this.#buckets, i, !each && column === before);
      before = column;
    }
    return into;
  }

  #firstReaching(from: number): number {
    let begin = this.indexAt(from);
    if (begin > 0 && this.#buckets.xLast[begin - 1] >= from) begin--;
    return Math.max(0, begin - 1);
  }

  override summary(begin = 0, end = this.length): Columns {
    const into = new Columns();
    for (let i = begin; i < end; i++) into.take(this.#buckets, i, i > begin);
    return into;
  }

  /** How many points stand in [from, to], in how many buckets; a bucket counts as a whole. */
  within(from: number, to: number): { readonly points: number; readonly buckets: number } {
    let [points, buckets] = [0, 0];
    for (let i = this.#firstReaching(from); i < this.length && this.#buckets.x[i] <= to; i++) {
      if (this.#buckets.xLast[i] < from) continue;
      points += this.#buckets.points[i];
      buckets++;
    }
    return { points, buckets };
  }

  /** The same facts as of a curve of points: a greatest value stands where its bucket begins. Points that are not finite are counted by the bucket. */
  described(): CurveSummary {
    const { x, min, max, first, last, finite, points, flags } = this.#buckets;
    let [nan, infinite, from, to, least, greatest] = [0, 0, -1, -1, -1, -1];
    for (let i = 0; i < this.length; i++) {
      const strange = points[i] - finite[i];
      if (flags[i] & hasNaN) nan += flags[i] === hasNaN ? strange : 1;
      if (flags[i] & ~hasNaN) infinite += flags[i] & hasNaN ? Math.max(1, strange - 1) : strange;
      if (finite[i] === 0) continue;
      if (from < 0) from = least = greatest = i;
      to = i;
      if (min[i] < min[least]) least = i;
      if (max[i] > max[greatest]) greatest = i;
    }
    if (from < 0) return { points: this.#points, nan, infinite };
    const [begin, end] = [first[from], last[to]];
    return {
      points: this.#points, nan, infinite, first: { x: x[from], y: begin }, last: { x: x[to], y: end },
      min: { x: x[least], y: min[least] }, max: { x: x[greatest], y: max[greatest] }, trend: trendOf(begin, end, max[greatest] - min[least]),
    };
  }
}

/** One bucket, used again and again. */
const one = new Columns();
