import { Curve, type XAxis } from '@gradstream/charts';
import type { CurveBuckets } from '../server/source.ts';
import { LargeMetric } from './large-metric.ts';

/** Points by step, each with its time (ms since 1970), and the same by time where somebody asked. */
interface Metric {
  readonly byStep: Curve;
  readonly rebased: Partial<Record<TimeAxis, Rebased>>;
}

type TimeAxis = Exclude<XAxis, 'step'>;
const timeAxes: readonly TimeAxis[] = ['relative', 'wall'];

/** A curve with time in place of steps; follows its source. */
class Rebased {
  readonly #curve = new Curve();
  #revision = -1;
  #start = NaN;
  #taken = 0;

  /** @param start of the time that is shown, ms since 1970; a new one begins the curve anew */
  follow({ byStep }: Metric, start: number, unit: number): Curve {
    if (byStep.revision !== this.#revision || start !== this.#start) {
      this.#curve.clear();
      this.#revision = byStep.revision;
      this.#start = start;
      this.#taken = 0;
    }
    const { y, time } = byStep;
    for (; this.#taken < y.length; this.#taken++) this.#curve.append((time[this.#taken] - start) / unit, y[this.#taken]);
    return this.#curve;
  }
}

/**
 * The points of one run: a curve for each metric, on any axis; of a run too large for the page, buckets of them. Mutable,
 * outside of React; whoever draws is told of changes.
 */
export class RunCurves {
  readonly #metrics = new Map<string, Metric>();
  readonly #large = new Map<string, LargeMetric>();
  readonly #listeners = new Set<() => void>();
  #names: readonly string[] = [];
  #points = 0;
  #lastStep = -1;
  #attempt = 0;
  /** Time of the first point, ms since 1970. */
  #start = Infinity;
  #told = true;
  #outdated = false;

  /** Names of the metrics in order of their appearance; the same list while it holds the same names. */
  get names(): readonly string[] {
    return this.#names;
  }

  get points(): number {
    let points = this.#points;
    for (const large of this.#large.values()) points += large.points;
    return points;
  }

  /** Points that are held one by one. */
  get held(): number {
    let held = this.#points;
    for (const large of this.#large.values()) held += large.held;
    return held;
  }

  /** Time of the first point, ms since 1970; Infinity without any. */
  get start(): number {
    return this.#start;
  }

  /** Whether points of a newer attempt came, which an overview does not know how to put in the place of its own. */
  get outdated(): boolean {
    return this.#outdated;
  }

  /** Highest step of any point; -1 without any. */
  get lastStep(): number {
    return this.#lastStep;
  }

  /**
   * Takes a point in. At the same step a later attempt wins over an earlier one.
   *
   * @param wall ms since 1970
   */
  add(metric: string, step: number, wall: number, value: number, attempt = 0): void {
    this.#note(step, wall);
    const large = this.#large.get(metric);
    if (large) {
      if (attempt > this.#attempt) this.#outdated = true;
      return large.add(step, wall, value);
    }
    const known = this.#metric(metric);
    if (attempt < this.#attempt) {
      const at = known.byStep.indexAt(step);
      if (at < known.byStep.length && known.byStep.x[at] === step) return;
    }
    this.#attempt = Math.max(this.#attempt, attempt);
    known.byStep.append(step, value, wall);
    this.#points++;
  }

  #note(step: number, wall: number): void {
    if (step > this.#lastStep) this.#lastStep = step;
    if (wall < this.#start) this.#start = wall;
    this.#told = false;
  }

  /** Takes in points that stand side by side, as `add` takes one. */
  addAll(metric: string, steps: Float64Array, walls: Float64Array, values: Float64Array, attempt = 0): void {
    if (attempt < this.#attempt || this.#large.has(metric)) return values.forEach((value, i) => this.add(metric, steps[i], walls[i], value, attempt));
    if (values.length === 0) return;
    this.#attempt = attempt;
    this.#metric(metric).byStep.extend(steps, values, walls);
    this.#points += values.length;
    for (let i = 0; i < steps.length; i++) this.#note(steps[i], walls[i]);
  }

  /**
   * Puts buckets in the place of points: those beyond what the buckets hold stay.
   *
   * @param attempt the newest one that the buckets know
   * @param received the highest step of a metric that there was before the buckets were asked for; what comes beyond it is in them already
   */
  condense(curves: readonly CurveBuckets[], attempt: number, received: (metric: string) => number): void {
    for (const overview of curves) {
      const { metric } = overview;
      const points = this.#metrics.get(metric)?.byStep ?? this.#large.get(metric)?.tail() ?? new Curve();
      const large = new LargeMetric(overview, Math.max(received(metric), points.length > 0 ? points.end : -1));
      const [, end] = large.steps;
      for (let i = points.indexAfter(end); i < points.length; i++) large.add(points.x[i], points.time[i], points.y[i]);
      if (this.#metrics.delete(metric)) this.#points -= points.length;
      this.#large.set(metric, large);
      this.#note(large.lastStep, large.walls[0]);
    }
    // A new list even of the same names: the curves are others now.
    this.#names = [...new Set([...this.#names, ...curves.map(({ metric }) => metric)])];
    this.#attempt = Math.max(this.#attempt, attempt);
    this.#outdated = false;
    this.#told = false;
  }

  /** A metric that is drawn from buckets; undefined where the page holds every point. */
  large(metric: string): LargeMetric | undefined {
    return this.#large.get(metric);
  }

  #metric(name: string): Metric {
    let known = this.#metrics.get(name);
    if (!known) {
      known = { byStep: new Curve(), rebased: {} };
      this.#metrics.set(name, known);
      this.#names = [...this.#names, name];
    }
    return known;
  }

  /** The curve of a metric, empty where it is unknown. For the same metric and axis it is the same object, and it grows. */
  curve(metric: string, axis: XAxis = 'step'): Curve {
    const large = this.#large.get(metric);
    if (large) return large.curve(axis, this.#start);
    const known = this.#metrics.get(metric);
    if (!known) return new Curve();
    if (axis === 'step') return known.byStep;
    return this.#follow(known, axis);
  }

  #follow(metric: Metric, axis: TimeAxis): Curve {
    return (metric.rebased[axis] ??= new Rebased()).follow(metric, axis === 'wall' ? 0 : this.#start, axis === 'wall' ? 1 : 1_000);
  }

  /** Value at the highest step; undefined without points. */
  latest(metric: string): number | undefined {
    const large = this.#large.get(metric);
    if (large) return large.latest;
    const y = this.#metrics.get(metric)?.byStep.y;
    return y && y.length > 0 ? y[y.length - 1] : undefined;
  }

  /** When the last point of a metric was taken, ms since 1970; undefined without points. */
  lastWall(metric: string): number | undefined {
    const large = this.#large.get(metric);
    if (large) return large.lastWall;
    const time = this.#metrics.get(metric)?.byStep.time;
    return time && time.length > 0 ? time[time.length - 1] : undefined;
  }

  /** Tells the listeners, once, that points have come since the last time. */
  tell(): void {
    if (this.#told) return;
    this.#told = true;
    for (const large of this.#large.values()) large.follow(this.#start);
    for (const metric of this.#metrics.values()) for (const axis of timeAxes) if (metric.rebased[axis]) this.#follow(metric, axis);
    for (const listener of this.#listeners) listener();
  }

  /** Tells the listeners that curves are drawn from other buckets than before. */
  retell(): void {
    this.#told = false;
    this.tell();
  }

  /** Calls `listener` after points have come, until the returned function is called. */
  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
}
