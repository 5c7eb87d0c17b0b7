import type { Backing, StoredSeries } from '../backing/backing.ts';
import { beginOf, Buckets, endOf, regroup, step0, step1, type Axis } from './buckets.ts';
import { pointsOfSeries, RawPoints, type RunRows } from './raw-points.ts';
import type { LiveSeries } from './run-log.ts';
import { bucketsPerBlock, bucketsPerBucket, continues } from './seal.ts';

export interface CurveQuery {
  readonly axis: Axis;
  /** Both included. */
  readonly from: number;
  readonly to: number;
  readonly points: number;
  readonly log: boolean;
  /** Where a logarithmic axis begins. */
  readonly origin: number;
}

/**
 * The curve of a metric over its attempts. Where attempts overlap the newest is shown: an attempt's points count up to
 * the first step of the next one.
 */
export async function readCurve(backing: Backing, rows: RunRows, attempts: readonly LiveSeries[], query: CurveQuery): Promise<Buckets> {
  const parts = visible(attempts.map(({ now }) => now));
  const tails = parts.map(({ series, through }) => tailOf(rows, series, through));
  const inOrder = attempts.every(({ sealed }, i) => !sealed.ragged && !(tails[i].step[0] <= sealed.lastStep) && continues(tails[i].wall, sealed.lastWall));
  const fine = new Buckets();
  for (const [i, { series, through }] of parts.entries()) {
    if (inOrder) await new Pyramid(backing, rows, series, tails[i], through, query, fine).read();
    else fine.append(await byPoints(backing, rows, series, through, query));
  }
  return regroup(fine, query.points, query.axis, query.log, query.origin);
}

/** An attempt's points as buckets of one each; in front, or between them, the buckets of points that have expired. */
async function byPoints(backing: Backing, rows: RunRows, series: StoredSeries, through: number, query: CurveQuery): Promise<Buckets> {
  const points = new Buckets();
  addPoints(points, (await pointsOfSeries(backing, rows, series, ...stepsOf(query, through))).sorted(), query);
  if (!series.expired) return points;
  const { axis, from, to } = query;
  const last = Math.floor((series.expired.buckets - 1) / bucketsPerBlock);
  const old = Buckets.from(await backing.blocks(rows.run, series.no, 0, 0, last));
  for (let i = 0; i < series.expired.buckets; i += 1) {
    if (old.get(i, endOf(axis)) >= from && old.get(i, beginOf(axis)) <= to && old.get(i, step0) <= through) points.add(old, i);
  }
  return points.sorted();
}

/** Steps of each attempt that a newer one does not replace. */
function visible(attempts: readonly StoredSeries[]): { readonly series: StoredSeries; readonly through: number }[] {
  let through = Infinity;
  return attempts.toReversed().map((series) => {
    const mine = { series, through };
    through = Math.min(through, series.firstStep - 1);
    return mine;
  }).reverse();
}

/** An attempt's points that stand in no segment yet, by step. */
function tailOf({ tail }: RunRows, series: StoredSeries, through: number): RawPoints {
  const points = new RawPoints();
  for (const rows of tail) if (rows.attempt === series.attempt) points.add(rows, series.metric, -Infinity, through);
  return points.sorted();
}

/** The steps that can lie in the range: a range of clocks says nothing of steps. */
const stepsOf = ({ axis, from, to }: CurveQuery, through: number): [number, number] => (axis === 'step' ? [from, Math.min(to, through)] : [-Infinity, through]);

/** Adds those points that lie in the range, each as a bucket. */
function addPoints(into: Buckets, { step, wall, value }: RawPoints, { axis, from, to }: CurveQuery): void {
  const x = axis === 'step' ? step : wall;
  for (let i = 0; i < step.length; i += 1) if (x[i] >= from && x[i] <= to) into.addPoint(step[i], wall[i], value[i]);
}

/** Reads one attempt's series, each part of it from the coarsest level that is fine enough. */
class Pyramid {
  constructor(
    private readonly backing: Backing,
    private readonly rows: RunRows,
    private readonly series: StoredSeries,
    private readonly tail: RawPoints,
    private readonly through: number,
    private readonly query: CurveQuery,
    private readonly into: Buckets,
  ) {}

  async read(): Promise<void> {
    await this.from(await this.coarsest());
    addPoints(this.into, this.tail, this.query);
  }

  /** The coarsest level with as many buckets inside the range as points are asked for; -1 means the points themselves. */
  private async coarsest(): Promise<number> {
    const { levels } = this.series;
    for (let level = levels.length - 1; level >= 0; level -= 1) {
      if (levels[level] >= this.query.points && (await this.inside(level)) >= this.query.points) return level;
    }
    return -1;
  }

  /** Buckets of a level that lie inside the range as a whole: all of the inner blocks', some of the outer ones'. */
  private async inside(level: number): Promise<number> {
    const { axis, from, to } = this.query;
    const blocks = await this.backing.blocksOver(this.rows.run, this.series.no, level, axis, from, to);
    let count = 0;
    for (const [i, { no, n }] of blocks.entries()) {
      if (i > 0 && i < blocks.length - 1) count += n;
      else {
        const list = Buckets.from(await this.backing.blocks(this.rows.run, this.series.no, level, no, no));
        for (let k = 0; k < list.length; k += 1) if (list.get(k, beginOf(axis)) >= from && list.get(k, endOf(axis)) <= to) count += 1;
      }
    }
    return count;
  }

  /** A level's buckets, then what it does not cover yet, from the levels below. */
  private async from(level: number): Promise<void> {
    const { axis, from, to } = this.query;
    const { expired } = this.series;
    const blocks = level < 0 && !expired ? [] : await this.backing.blocksOver(this.rows.run, this.series.no, Math.max(0, level), axis, from, to);
    if (level < 0) {
      if (expired && blocks.length > 0) await this.buckets(0, blocks[0].no * bucketsPerBlock, Math.min(expired.buckets, (blocks.at(-1)!.no + 1) * bucketsPerBlock));
      const [low, high] = stepsOf(this.query, this.through);
      return this.sealedPoints(expired ? Math.max(low, expired.step + 1) : low, high);
    }
    if (blocks.length > 0) await this.buckets(level, blocks[0].no * bucketsPerBlock, (blocks.at(-1)!.no + 1) * bucketsPerBlock);
    for (let below = level - 1; below >= 0; below -= 1) await this.buckets(below, (this.series.levels[below + 1] ?? 0) * bucketsPerBucket, Infinity);
  }

  /** Some of a level's buckets; one that reaches out of the range is taken apart. */
  private async buckets(level: number, begin: number, end: number): Promise<void> {
    const stop = Math.min(end, this.series.levels[level]);
    if (begin >= stop) return;
    const firstBlock = Math.floor(begin / bucketsPerBlock);
    const list = Buckets.from(await this.backing.blocks(this.rows.run, this.series.no, level, firstBlock, Math.floor((stop - 1) / bucketsPerBlock)));
    const { axis, from, to } = this.query;
    for (let index = begin; index < stop; index += 1) {
      const i = index - firstBlock * bucketsPerBlock;
      const [low, high] = [list.get(i, beginOf(axis)), list.get(i, endOf(axis))];
      if (high < from || low > to || list.get(i, step0) > this.through) continue;
      if (this.isWhole(level, index) || (low >= from && high <= to && list.get(i, step1) <= this.through)) this.into.add(list, i);
      else if (level > 0) await this.buckets(level - 1, index * bucketsPerBucket, (index + 1) * bucketsPerBucket);
      else await this.sealedPoints(list.get(i, step0), Math.min(list.get(i, step1), this.through));
    }
  }

  /** Whether a bucket cannot be taken apart: its points have expired. */
  private isWhole(level: number, index: number): boolean {
    return level === 0 && index < (this.series.expired?.buckets ?? 0);
  }

  private async sealedPoints(from: number, to: number): Promise<void> {
    addPoints(this.into, (await pointsOfSeries(this.backing, { ...this.rows, tail: [] }, this.series, from, to)).sorted(), this.query);
  }
}
