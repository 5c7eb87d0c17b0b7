import type { Backing, StoredSeries } from '../backing/backing.ts';
import { beginOf, Buckets, bucketWidth, endOf, step0, step1 } from './buckets.ts';
import { FineCurve, type Merging } from './fine-curve.ts';
import type { Points } from './points.ts';
import { between, pointsOfSeries, RawPoints, type RunRows } from './raw-points.ts';
import type { LiveSeries } from './run-log.ts';
import { bucketsPerBlock, bucketsPerBucket, continues } from './seal.ts';

export interface CurveQuery extends Merging {
  /** On the axis, both included. */
  readonly from: number;
  readonly to: number;
}

/**
 * The curve of a metric over its attempts. Where attempts overlap the newest is shown: an attempt's points count up to
 * the first step of the next one.
 */
export async function readCurve(backing: Backing, rows: RunRows, attempts: readonly LiveSeries[], query: CurveQuery): Promise<Buckets> {
  const parts = visible(attempts.map(({ now }) => now));
  const tails = parts.map(({ series, through }) => tailOf(rows, series, through));
  const inOrder = attempts.every(({ sealed }, i) => !sealed.ragged && continuesAfter(sealed, tails[i]));
  const fine = new FineCurve();
  for (const [i, { series, through }] of parts.entries()) {
    if (inOrder) await new Pyramid(backing, rows, series, tails[i], through, query, fine).read();
    else await addByPoints(fine, backing, rows, series, through, query);
  }
  return fine.merged(query);
}

/** Adds an attempt's points; in front, or between them, the buckets of points that have expired. */
async function addByPoints(fine: FineCurve, backing: Backing, rows: RunRows, series: StoredSeries, through: number, query: CurveQuery): Promise<void> {
  const { axis, from, to } = query;
  const kept = (await pointsOfSeries(backing, rows, series, ...stepsOf(query, through))).pieces().map((points) => between(points, axis, from, to));
  if (!series.expired) return kept.forEach((points) => fine.addPoints(points));
  const buckets = new Buckets();
  for (const { step, wall, value } of kept) for (let i = 0; i < step.length; i += 1) buckets.addPoint(step[i], wall[i], value[i]);
  for (const block of await backing.blocks(rows.run, series.no, 0, 0, Math.floor((series.expired.buckets - 1) / bucketsPerBlock))) {
    const old = Buckets.from(block);
    for (let i = 0; i < old.length; i += 1) {
      if (old.get(i, endOf(axis)) >= from && old.get(i, beginOf(axis)) <= to && old.get(i, step0) <= through) buckets.add(old, i);
    }
  }
  fine.addBuckets(buckets.sorted());
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
function tailOf({ tail }: RunRows, series: StoredSeries, through: number): readonly Points[] {
  const points = new RawPoints();
  for (const rows of tail) if (rows.attempt === series.attempt) points.add(rows, series.metric, -Infinity, through);
  return points.pieces();
}

/** Whether a tail's steps and clocks go on from where a series was sealed. */
function continuesAfter({ lastStep, lastWall }: StoredSeries, tail: readonly Points[]): boolean {
  if (tail.length > 0 && tail[0].step[0] <= lastStep) return false;
  return tail.every(({ wall }, i) => continues(wall, i === 0 ? lastWall : tail[i - 1].wall[tail[i - 1].wall.length - 1]));
}

/** The steps that can lie in the range: a range of clocks says nothing of steps. */
const stepsOf = ({ axis, from, to }: CurveQuery, through: number): [number, number] => (axis === 'step' ? [from, Math.min(to, through)] : [-Infinity, through]);

/** Reads one attempt's series, each part of it from the coarsest level that is fine enough. */
class Pyramid {
  constructor(
    private readonly backing: Backing,
    private readonly rows: RunRows,
    private readonly series: StoredSeries,
    private readonly tail: readonly Points[],
    private readonly through: number,
    private readonly query: CurveQuery,
    private readonly into: FineCurve,
  ) {}

  async read(): Promise<void> {
    const { level, blocks } = await this.coarsest();
    if (level < 0) await this.points();
    else await this.from(level, blocks);
    this.add(this.tail);
  }

  /** The coarsest level with as many buckets inside the range as points are asked for, and its blocks there; -1 means the points themselves. */
  private async coarsest(): Promise<{ readonly level: number; readonly blocks: BlockPlaces }> {
    const { levels } = this.series;
    for (let level = levels.length - 1; level >= 0; level -= 1) {
      if (levels[level] < this.query.points) continue;
      const blocks = await this.blocksOver(level);
      if ((await this.inside(level, blocks)) >= this.query.points) return { level, blocks };
    }
    return { level: -1, blocks: [] };
  }

  private async blocksOver(level: number): Promise<BlockPlaces> {
    const { axis, from, to } = this.query;
    return this.backing.blocksOver(this.rows.run, this.series.no, level, axis, from, to);
  }

  /** Buckets of a level that lie inside the range as a whole: all of the inner blocks', some of the outer ones'. */
  private async inside(level: number, blocks: BlockPlaces): Promise<number> {
    const { axis, from, to } = this.query;
    let count = 0;
    for (const [i, { no, n }] of blocks.entries()) {
      if (i > 0 && i < blocks.length - 1) count += n;
      else for (const rows of await this.backing.blocks(this.rows.run, this.series.no, level, no, no)) {
        for (let at = 0; at < rows.length; at += bucketWidth) if (rows[at + beginOf(axis)] >= from && rows[at + endOf(axis)] <= to) count += 1;
      }
    }
    return count;
  }

  /** A level's buckets, then what it does not cover yet, from the levels below. */
  private async from(level: number, blocks: BlockPlaces): Promise<void> {
    if (blocks.length > 0) await this.buckets(level, blocks[0].no * bucketsPerBlock, (blocks.at(-1)!.no + 1) * bucketsPerBlock);
    for (let below = level - 1; below >= 0; below -= 1) await this.buckets(below, (this.series.levels[below + 1] ?? 0) * bucketsPerBucket, Infinity);
  }

  /** The points themselves; before them, the buckets of those that have expired. */
  private async points(): Promise<void> {
    const { expired } = this.series;
    const blocks = expired ? await this.blocksOver(0) : [];
    if (expired && blocks.length > 0) await this.buckets(0, blocks[0].no * bucketsPerBlock, Math.min(expired.buckets, (blocks.at(-1)!.no + 1) * bucketsPerBlock));
    const [low, high] = stepsOf(this.query, this.through);
    await this.sealedPoints(expired ? Math.max(low, expired.step + 1) : low, high);
  }

  /** Some of a level's buckets; one that reaches out of the range is taken apart. */
  private async buckets(level: number, begin: number, end: number): Promise<void> {
    const stop = Math.min(end, this.series.levels[level]);
    if (begin >= stop) return;
    const firstBlock = Math.floor(begin / bucketsPerBlock);
    const blocks = await this.backing.blocks(this.rows.run, this.series.no, level, firstBlock, Math.floor((stop - 1) / bucketsPerBlock));
    for (const [k, rows] of blocks.entries()) {
      const start = (firstBlock + k) * bucketsPerBlock;
      const first = Math.max(begin, start);
      await this.block(level, first, rows.subarray((first - start) * bucketWidth, (stop - start) * bucketWidth));
    }
  }

  /** Some of one block's buckets, the first of which has the number `first`: as they stand, as far as they lie in the range. */
  private async block(level: number, first: number, rows: Float64Array): Promise<void> {
    const { axis, from, to } = this.query;
    let begin = 0;
    for (let at = 0, index = first; at < rows.length; at += bucketWidth, index += 1) {
      const [low, high] = [rows[at + beginOf(axis)], rows[at + endOf(axis)]];
      const outside = high < from || low > to || rows[at + step0] > this.through;
      if (!outside && (this.isWhole(level, index) || (low >= from && high <= to && rows[at + step1] <= this.through))) continue;
      this.into.addBuckets(Buckets.from(rows.subarray(begin, at)));
      begin = at + bucketWidth;
      if (outside) continue;
      if (level > 0) await this.buckets(level - 1, index * bucketsPerBucket, (index + 1) * bucketsPerBucket);
      else await this.sealedPoints(rows[at + step0], Math.min(rows[at + step1], this.through));
    }
    this.into.addBuckets(Buckets.from(rows.subarray(begin)));
  }

  /** Whether a bucket cannot be taken apart: its points have expired. */
  private isWhole(level: number, index: number): boolean {
    return level === 0 && index < (this.series.expired?.buckets ?? 0);
  }

  private async sealedPoints(from: number, to: number): Promise<void> {
    this.add((await pointsOfSeries(this.backing, { ...this.rows, tail: [] }, this.series, from, to)).pieces());
  }

  /** Adds those points that lie in the range. */
  private add(pieces: readonly Points[]): void {
    const { axis, from, to } = this.query;
    for (const points of pieces) this.into.addPoints(between(points, axis, from, to));
  }
}

/** Which blocks of a level there are, and how many buckets are in each. */
type BlockPlaces = readonly { readonly no: number; readonly n: number }[];
