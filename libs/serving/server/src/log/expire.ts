import type { Backing, StoredBlock, StoredSegment, StoredSeries } from '../backing/backing.ts';
import { Buckets } from './buckets.ts';
import { appended, inOrder, lowest, pointsPerBucket } from './seal.ts';

/**
 * What stands in for the points of a run's oldest segments when these go. A series that came in order has its buckets
 * already; of one that did not, they are made now, segment by segment, so that no extreme and no NaN goes with the points.
 *
 * @param sealed all series of the run, as they were sealed
 * @param segments the oldest segments, by number
 */
export async function standIns(backing: Backing, run: string, sealed: readonly StoredSeries[], segments: readonly StoredSegment[]): Promise<{ readonly series: readonly StoredSeries[]; readonly blocks: readonly StoredBlock[] }> {
  const known = new Map(sealed.map((series) => [`${series.attempt}/${series.metric}`, series]));
  const changed = new Map<StoredSeries, { series: StoredSeries; fresh: Buckets }>();
  for (const { no, attempt } of segments) {
    const rows = await backing.rows(run, no);
    for (const column of rows.columns) {
      const before = known.get(`${attempt}/${column.metric}`)!;
      const { series, fresh } = changed.get(before) ?? { series: { ...before, levels: [...before.levels] }, fresh: new Buckets() };
      const points = inOrder(column, rows.step, rows.wall);
      const buckets = series.expired?.buckets ?? 0;
      if (buckets >= (before.levels[0] ?? 0)) fresh.append(lowest(points));
      series.expired = { buckets: buckets + Math.ceil(points.value.length / pointsPerBucket), step: Math.max(series.expired?.step ?? 0, points.step[points.step.length - 1]) };
      changed.set(before, { series, fresh });
    }
  }
  const blocks: StoredBlock[] = [];
  for (const { series, fresh } of changed.values()) blocks.push(...(await appended(backing, run, series, 0, fresh)).blocks);
  return { series: Array.from(changed.values(), ({ series }) => series), blocks };
}
