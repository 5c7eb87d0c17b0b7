import type { Column } from '@gradstream/protocol';
import type { Backing, StoredBlock, StoredSeries } from '../backing/backing.ts';
import { Buckets } from './buckets.ts';
import { concatRows, spanOf, type LogItem, type PointsItem, type Rows } from './item.ts';
import type { Points } from './points.ts';
import { RawPoints, rises } from './raw-points.ts';
import { extendSeries } from './series-state.ts';

/** Points in a bucket of the pyramid's lowest level; buckets of one level in one of the next; buckets in a block. */
export const pointsPerBucket = 64;
export const bucketsPerBucket = 8;
export const bucketsPerBlock = 64;

/**
 * What sealing adds for one series: its summary with these points in it, and the blocks of the pyramid that change.
 * Points that came out of order within the segment are put in order first. A level's last block is written again until it is full; a bucket never changes once it is written.
 */
export async function sealSeries(backing: Backing, run: string, before: StoredSeries, column: Column, { step, wall }: Rows): Promise<{ readonly series: StoredSeries; readonly blocks: readonly StoredBlock[] }> {
  const series: StoredSeries = { ...before, levels: [...before.levels] };
  extendSeries(series, column, step, wall);
  const sorted = inOrder(column, step, wall);
  series.ragged ||= sorted.value.length < column.values.length || sorted.step[0] <= before.lastStep || !continues(sorted.wall, before.lastWall);
  const blocks: StoredBlock[] = [];
  let fresh = series.ragged ? new Buckets() : lowest(sorted);
  for (let level = 0; fresh.length > 0; level += 1) {
    const pending = ((series.levels[level] ?? 0) % bucketsPerBlock) % bucketsPerBucket;
    const { joined, blocks: changed } = await appended(backing, run, series, level, fresh);
    blocks.push(...changed);
    fresh = next(joined, joined.length - fresh.length - pending);
  }
  return { series, blocks };
}

/** Puts buckets at the end of a level. @returns the blocks that change, and all buckets in them */
export async function appended(backing: Backing, run: string, series: StoredSeries, level: number, fresh: Buckets): Promise<{ readonly joined: Buckets; readonly blocks: readonly StoredBlock[] }> {
  const n = series.levels[level] ?? 0;
  const from = Math.floor(n / bucketsPerBlock);
  const joined = n % bucketsPerBlock === 0 || fresh.length === 0 ? fresh : join((await backing.blocks(run, series.no, level, from, from))[0], fresh);
  const blocks: StoredBlock[] = [];
  for (let at = 0, no = from; at < joined.length; at += bucketsPerBlock, no += 1) {
    blocks.push({ series: series.no, level, no, rows: joined.rows(at, Math.min(joined.length, at + bucketsPerBlock)).slice() });
  }
  if (fresh.length > 0) series.levels[level] = n + fresh.length;
  return { joined, blocks };
}

/** The points of a column by step: as they stand where they do already, which is nearly always. */
export function inOrder(column: Column, step: Float64Array, wall: Float64Array): Points {
  if (!column.at && rises(step)) return { step, wall, value: column.values };
  const points = new RawPoints();
  points.add({ attempt: 0, step, wall, columns: [column] }, column.metric, -Infinity, Infinity);
  return points.sorted();
}

/** Points as buckets of the lowest level. */
export function lowest({ step, wall, value }: Points): Buckets {
  const buckets = new Buckets();
  for (let i = 0; i < value.length; i += 1) {
    if (i % pointsPerBucket === 0) buckets.addPoint(step[i], wall[i], value[i]);
    else buckets.extendPoint(step[i], wall[i], value[i]);
  }
  return buckets;
}

/** Whether clocks never go back, from the last one before them on. */
export function continues(wall: ArrayLike<number>, before: number): boolean {
  for (let i = 0, at = before; i < wall.length; i += 1) {
    if (wall[i] < at) return false;
    at = wall[i];
  }
  return true;
}

const join = (known: Float64Array, fresh: Buckets): Buckets => {
  const rows = new Float64Array(known.length + fresh.rows().length);
  rows.set(known);
  rows.set(fresh.rows(), known.length);
  return Buckets.from(rows);
};

/** The whole groups of 8 from `begin` on, as buckets of the next level. */
function next(buckets: Buckets, begin: number): Buckets {
  const merged = new Buckets();
  for (let group = begin; group + bucketsPerBucket <= buckets.length; group += bucketsPerBucket) {
    merged.add(buckets, group);
    for (let i = group + 1; i < group + bucketsPerBucket; i += 1) merged.extend(buckets, i);
  }
  return merged;
}

/** The rows of the first items of a tail that can share a segment: one attempt, not many more than `maxRows`. */
export function sealable(items: readonly LogItem[], maxRows: number): { readonly rows: Rows; readonly lsn: readonly [number, number]; readonly step: readonly [number, number]; readonly counts: Uint32Array } | undefined {
  const first = items.find((item): item is PointsItem => item.kind === 'points');
  if (!first) return undefined;
  const counts: number[] = [];
  const parts: Rows[] = [];
  let rows = 0;
  for (const item of items) {
    if (item.kind === 'points' && (item.attempt !== first.attempt || (rows > 0 && rows + item.step.length > maxRows))) break;
    counts.push(item.kind === 'points' ? item.step.length : 0);
    if (item.kind !== 'points') continue;
    parts.push(item);
    rows += item.step.length;
  }
  const joined = concatRows(parts);
  const begin = items[0].lsn[0];
  return { rows: joined, lsn: [begin, begin + counts.length - 1], step: spanOf(joined.step), counts: Uint32Array.from(counts) };
}
