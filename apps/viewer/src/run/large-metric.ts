import { BucketCurve, Columns, Curve, type Range, type XAxis } from '@gradstream/charts';
import type { Buckets } from '../server/source.ts';
import { columnOf, isSingle, spliced, totalOf } from './buckets.model.ts';
import { type FineWindow, isFineEnough } from './zoom.model.ts';

/** Stretches that are kept beside the one that is shown, so that going back costs nothing. */
const mostKept = 3;

/** Buckets of a first view of a whole curve. */
export const overviewBuckets = 1_200;

interface Fine {
  readonly asked: FineWindow;
  readonly buckets: Buckets;
  readonly single: boolean;
}

/** A curve on one axis, and how far it has followed. */
interface Followed {
  readonly curve: BucketCurve;
  version: number;
  /** Revision of the points since the overview. */
  revision: number;
  start: number;
  taken: number;
}

/**
 * A metric with more points than the page holds: an overview of it in buckets, finer stretches of it as somebody looks
 * nearer, and the points that came since the overview was made.
 */
export class LargeMetric {
  readonly #overview: Buckets;
  readonly #single: boolean;
  #kept: readonly Fine[] = [];
  #shown: Fine | undefined;
  readonly #tail = new Curve();
  /** Highest step that was received point by point; what the overview has beyond it comes once more. */
  #received: number;
  #version = 0;
  readonly #curves: Partial<Record<XAxis, Followed>> = {};

  /** @param received the highest step of any point that came, or was there, before the overview was asked for */
  constructor(overview: Buckets, received: number) {
    this.#overview = overview;
    this.#single = isSingle(overview);
    this.#received = received;
  }

  /** First and last step of the overview. */
  get steps(): Range {
    return [this.#overview.step0[0], this.#overview.step1[this.#overview.step1.length - 1]];
  }

  get walls(): Range {
    return [this.#overview.wall0[0], this.#overview.wall1[this.#overview.wall1.length - 1]];
  }

  get lastStep(): number {
    const [, end] = this.steps;
    return this.#tail.length > 0 ? Math.max(end, this.#tail.end) : end;
  }

  /** Number of points, of which the page holds `held`. */
  get points(): number {
    return totalOf(this.#overview.count) + this.#tail.length;
  }

  get held(): number {
    return this.#tail.length;
  }

  get latest(): number {
    const [, end] = this.steps;
    return this.#tail.length > 0 && this.#tail.end > end ? this.#tail.y[this.#tail.length - 1] : this.#overview.last[this.#overview.last.length - 1];
  }

  get lastWall(): number {
    return this.#tail.length > 0 ? this.#tail.time[this.#tail.length - 1] : this.walls[1];
  }

  /** Grows when it is drawn from other buckets than before. */
  get version(): number {
    return this.#version;
  }

  /** Takes a point in, unless the overview has it. */
  add(step: number, wall: number, value: number): void {
    const known = step > this.#received && step <= this.steps[1];
    if (step > this.#received) this.#received = step;
    if (!known) this.#tail.append(step, value, wall);
  }

  /** The points since the overview that another one may lack. */
  tail(): Curve {
    return this.#tail;
  }

  /**
   * Shows a window of an axis as finely as can be done with what there is.
   *
   * @returns whether something finer is to be had
   */
  look(axis: FineWindow['axis'], [from, to]: Range, pixels: number): boolean {
    const [first, last] = axis === 'step' ? this.steps : this.walls;
    const clamped: Range = [Math.max(first, from), Math.min(last, to)];
    if (this.#single || clamped[0] >= clamped[1]) return false;
    // Width in pixels of what the overview has of the window.
    const wide = (pixels * (clamped[1] - clamped[0])) / (to - from);
    const [begin, end] = this.steps;
    if (isFineEnough({ axis: 'step', from: begin, to: end, points: overviewBuckets }, false, axis, clamped, wide)) {
      this.#show(undefined);
      return false;
    }
    const fine = this.#kept.find(({ asked, single }) => isFineEnough(asked, single, axis, clamped, wide));
    if (fine) this.#show(fine);
    return fine === undefined;
  }

  /** Takes a finer stretch in, which is shown when somebody looks at it. */
  adopt(asked: FineWindow, buckets: Buckets): void {
    this.#kept = [{ asked, buckets, single: isSingle(buckets) }, ...this.#kept].slice(0, mostKept);
  }

  #show(fine: Fine | undefined): void {
    if (fine === this.#shown) return;
    this.#shown = fine;
    if (fine) this.#kept = [fine, ...this.#kept.filter((each) => each !== fine)];
    this.#version++;
  }

  /** The curve on an axis: the same object, which follows. @param start of the relative axis, ms since 1970 */
  curve(axis: XAxis, start: number): BucketCurve {
    const followed = (this.#curves[axis] ??= { curve: new BucketCurve(), version: -1, revision: -1, start: NaN, taken: 0 });
    const [origin, unit] = axis === 'relative' ? [start, 1_000] : [0, 1];
    const late = this.#tail.length > 0 && this.#tail.x[0] <= this.steps[1];
    const grown = followed.taken < this.#tail.length;
    const { x, y, time, revision } = this.#tail;
    const point = (i: number) => followed.curve.append(axis === 'step' ? x[i] : (time[i] - origin) / unit, y[i], time[i]);
    if (followed.version !== this.#version || followed.start !== origin || followed.revision !== revision || (late && grown)) {
      followed.curve.clear();
      followed.taken = 0;
      for (const buckets of this.#shown ? spliced(this.#overview, this.#shown.buckets) : [this.#overview]) {
        for (let i = 0; i < buckets.count.length; i++) {
          for (; followed.taken < x.length && x[followed.taken] < buckets.step0[i]; followed.taken++) point(followed.taken);
          const place = (step: number, wall: number) => (axis === 'step' ? step : (wall - origin) / unit);
          followed.curve.appendBucket(columnOf(buckets, i, place(buckets.step0[i], buckets.wall0[i]), place(buckets.step1[i], buckets.wall1[i]), one), 0, buckets.wall0[i]);
        }
      }
      followed.version = this.#version;
      followed.start = origin;
      followed.revision = revision;
    }
    for (; followed.taken < x.length; followed.taken++) point(followed.taken);
    return followed.curve;
  }

  /** Brings the curves up to date that were given out. */
  follow(start: number): void {
    for (const axis of Object.keys(this.#curves) as XAxis[]) this.curve(axis, start);
  }
}

const one = new Columns();
