import { BucketCurve, Curve, type XAxis } from '@gradstream/charts';
import type { RunCurves } from './run-curves.ts';

/** The mean of a metric over the members of a group, and one standard deviation to either side. */
export interface Spread {
  readonly mean: Curve;
  readonly low: Curve;
  readonly high: Curve;
}

interface Made extends Spread {
  /** What the members were when it was made: lengths and revisions. */
  stamp: string;
}

/**
 * Runs taken together: at each step the mean over all members that have the step. Members that diverged count as they are:
 * where one is NaN, so is the mean. A member that is drawn from buckets has the mean of its bucket at every step of it. On a
 * time axis a step stands at its members' mean time since their start.
 */
export class GroupCurves {
  readonly #made = new Map<string, Made>();
  #names: readonly string[] = [];
  readonly members: readonly RunCurves[];

  constructor(members: readonly RunCurves[]) {
    this.members = members;
  }

  /** The same list while it holds the same names. */
  get names(): readonly string[] {
    const names = [...new Set(this.members.flatMap((member) => member.names))];
    if (names.length !== this.#names.length) this.#names = names;
    return this.#names;
  }

  get points(): number {
    return this.members.reduce((n, { points }) => n + points, 0);
  }

  get lastStep(): number {
    return Math.max(-1, ...this.members.map(({ lastStep }) => lastStep));
  }

  curve(metric: string, axis: XAxis = 'step'): Curve {
    return this.spread(metric, axis).mean;
  }

  spread(metric: string, axis: XAxis = 'step'): Spread {
    const key = `${axis} ${metric}`;
    let made = this.#made.get(key);
    if (!made) this.#made.set(key, (made = { mean: new Curve(), low: new Curve(), high: new Curve(), stamp: '' }));
    const curves = this.members.filter(({ names }) => names.includes(metric)).map((member) => member.curve(metric));
    const stamp = curves.map(({ revision, length }) => `${revision}:${length}`).join();
    if (stamp !== made.stamp) {
      fill(made, curves, axis);
      made.stamp = stamp;
    }
    return made;
  }

  readonly listen = (listener: () => void): (() => void) => {
    const leave = this.members.map((member) => member.listen(() => {
      for (const key of this.#made.keys()) this.spread(key.slice(key.indexOf(' ') + 1), key.slice(0, key.indexOf(' ')) as XAxis);
      listener();
    }));
    return () => leave.forEach((each) => each());
  };
}

/** Walks all members at once, in order of steps. */
function fill({ mean, low, high }: Spread, curves: readonly Curve[], axis: XAxis): void {
  for (const curve of [mean, low, high]) curve.clear();
  const views = curves.map((curve) => ({ x: curve.x, y: curve.y, time: curve.time, ends: curve instanceof BucketCurve ? curve.buckets.xLast : curve.x }));
  const places = views.map(() => 0);
  for (;;) {
    const step = views.reduce((least, { x }, k) => (places[k] < x.length && x[places[k]] < least ? x[places[k]] : least), Infinity);
    if (step === Infinity) return;
    // Welford's way: the mean and the squared distance from it, value by value.
    let [n, average, squares, since] = [0, 0, 0, 0];
    views.forEach(({ x, y, time, ends }, k) => {
      const begins = x[places[k]] === step;
      const at = begins ? places[k] : places[k] - 1;
      if (!begins && !(at >= 0 && ends[at] >= step)) return;
      const value = y[at];
      n++;
      const before = value - average;
      average += before / n;
      squares += before * (value - average);
      since += time.length > 0 ? time[at] - time[0] : 0;
      if (begins) places[k]++;
    });
    const deviation = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
    const at = axis === 'step' ? step : since / n / 1_000;
    mean.append(at, average);
    low.append(at, average - deviation);
    high.append(at, average + deviation);
  }
}
