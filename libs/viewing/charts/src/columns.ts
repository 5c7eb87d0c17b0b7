/** What a screen's columns show of a curve: typed arrays side by side, reused from one drawing to the next. */
export class Columns {
  length = 0;
  /** Position of the first and of the last point of each column. */
  x = new Float64Array(0);
  xLast = new Float64Array(0);
  /** Points in the column, and how many of them are finite. */
  points = new Float64Array(0);
  finite = new Float64Array(0);
  /** Of the finite values; NaN where a column has none. */
  min = new Float64Array(0);
  max = new Float64Array(0);
  first = new Float64Array(0);
  last = new Float64Array(0);
  mean = new Float64Array(0);
  /** `hasNaN | hasPositiveInfinity | hasNegativeInfinity`. */
  flags = new Uint8Array(0);

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `least` columns, and for half as many more than there was room for: a curve that grows asks again and again. */
  reserve(least: number): void {
    if (least <= this.x.length) return;
    const capacity = Math.max(least, Math.ceil(this.x.length * 1.5));
    const more = (array: Float64Array) => {
      const larger = new Float64Array(capacity);
      larger.set(array);
      return larger;
    };
    for (const key of ['x', 'xLast', 'points', 'finite', 'min', 'max', 'first', 'last', 'mean'] as const) this[key] = more(this[key]) as Float64Array<ArrayBuffer>;
    const flags = new Uint8Array(capacity);
    flags.set(this.flags);
    this.flags = flags;
  }

  push(x: number, xLast: number, points: number, finite: number, min: number, max: number, first: number, last: number, mean: number, flags: number): void {
    if (this.length === this.x.length) this.reserve(this.length * 2 + 8);
    const i = this.length++;
    this.x[i] = x;
    this.xLast[i] = xLast;
    this.points[i] = points;
    this.finite[i] = finite;
    this.min[i] = min;
    this.max[i] = max;
    this.first[i] = first;
    this.last[i] = last;
    this.mean[i] = mean;
    this.flags[i] = flags;
  }

  /** Puts column i of another list in here: as one of its own, or into the last one. */
  take(other: Columns, i: number, merging: boolean): void {
    if (!merging || this.length === 0) return this.push(other.x[i], other.xLast[i], other.points[i], other.finite[i], other.min[i], other.max[i], other.first[i], other.last[i], other.mean[i], other.flags[i]);
    const at = this.length - 1;
    if (other.finite[i] > 0) {
      const both = this.finite[at] + other.finite[i];
      if (!(this.min[at] <= other.min[i])) this.min[at] = other.min[i];
      if (!(this.max[at] >= other.max[i])) this.max[at] = other.max[i];
      if (this.finite[at] === 0) this.first[at] = other.first[i];
      this.last[at] = other.last[i];
      this.mean[at] = this.finite[at] === 0 ? other.mean[i] : this.mean[at] + ((other.mean[i] - this.mean[at]) * other.finite[i]) / both;
      this.finite[at] = both;
    }
    if (other.xLast[i] > this.xLast[at]) this.xLast[at] = other.xLast[i];
    this.points[at] += other.points[i];
    this.flags[at] |= other.flags[i];
  }
}
