import type { StoredRun, StoredSeries } from '../backing/backing.ts';
import { standIns } from '../log/expire.ts';
import { overdue, rowsOf, type Retention, type RetentionReport } from '../log/retention.ts';
import { sealable, sealSeries } from '../log/seal.ts';
import type { PostgresReads } from './reads.ts';
import type { Lanes, Request } from './turns.ts';

/** Segments of a run that are listed, and that expire at a time for want of room. */
const mostSegments = 1e6;
const segmentsAtATime = 16;

interface Sealed {
  readonly through: number;
  readonly series: readonly StoredSeries[];
}

/** Moves the oldest rows of a run's tail into a segment, unless no more than `keep` rows are there. */
export const sealSegment = (reads: PostgresReads, run: string, keep: number, segmentRows: number): Request<Sealed | undefined> => ({
  run,
  work: async (log, writes, key) => {
    const part = log.tailRows > keep ? sealable(log.tail.slice(0, log.committed - log.base), segmentRows) : undefined;
    if (!part) return undefined;
    const { rows, lsn, counts, step } = part;
    const sealed = await Promise.all(rows.columns.map((column) => sealSeries(reads, run, log.find(rows.attempt, column.metric)!.sealed, column, rows)));
    const series = sealed.map((each) => each.series);
    writes.addSeal(key, { segment: { no: log.segments, attempt: rows.attempt, lsn, step, counts }, rows, series, blocks: sealed.flatMap(({ blocks }) => blocks) });
    log.stored.sealed = lsn[1];
    log.segments += 1;
    writes.record(key, log);
    return { through: lsn[1], series };
  },
  kept: (sealed, log) => {
    if (sealed) log.sealed(sealed.through, sealed.series);
  },
});

/** Lets the points of a run's `n` oldest segments go; curves keep every extreme. The answer counts their rows. */
const expireSegments = (reads: PostgresReads, run: string, n: number): Request<{ readonly rows: number; readonly series: readonly StoredSeries[] }> => ({
  run,
  work: async (log, writes, key) => {
    const segments = await reads.segmentsAfter(run, 0, n);
    if (segments.length === 0) return { rows: 0, series: [] };
    const { series, blocks } = await standIns(reads, run, log.allSealed(), segments);
    log.stored.expired = segments.at(-1)!.lsn[1];
    writes.addExpire(key, { before: segments.at(-1)!.no + 1, series, blocks });
    writes.record(key, log);
    return { rows: segments.reduce((sum, segment) => sum + rowsOf(segment), 0), series };
  },
  kept: ({ series }, log) => log.adoptSealed(series),
});

const tailRows = async (lanes: Lanes, run: string): Promise<number> => (await lanes.do({ run, work: (log) => log.tailRows })) ?? 0;

/** Lets go of the points of runs that are past their time, then of those of the quietest runs for as long as room is wanted. */
export async function expireRuns(reads: PostgresReads, lanes: Lanes, runs: readonly StoredRun[], retention: Retention, now: number): Promise<RetentionReport> {
  const gone = new Map<string, number>();
  const expire = async (id: string, n: number): Promise<number> => {
    const rows = n === 0 ? 0 : ((await lanes.do(expireSegments(reads, id, n)))?.rows ?? 0);
    if (rows > 0) gone.set(id, (gone.get(id) ?? 0) + rows);
    return rows;
  };
  for (const { id } of runs) await expire(id, await overdue(reads, id, await reads.segmentsAfter(id, 0, mostSegments), await tailRows(lanes, id), retention, now));
  const { maxBytes } = retention;
  if (maxBytes !== undefined) {
    for (const { id } of [...runs].sort((a, b) => a.heartbeat - b.heartbeat)) {
      while ((await reads.bytes()) > maxBytes && (await expire(id, Math.min(segmentsAtATime, (await reads.segmentsAfter(id, 0, segmentsAtATime)).length))) > 0);
    }
  }
  return { runs: gone.size, rows: [...gone.values()].reduce((a, b) => a + b, 0) };
}
