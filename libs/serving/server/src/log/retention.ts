import type { Backing, StoredSegment } from '../backing/backing.ts';

/**
 * For how long single points are kept. What stays when they go: every note, the summaries, and the curves in buckets of up
 * to 64 points with every extreme and every NaN. Points go in whole segments, oldest first.
 */
export interface Retention {
  /** Points older than so many ms go. */
  readonly maxAgeMs?: number;
  /** Of each run the newest rows are kept, so many of them; a row is what one step logged. */
  readonly maxRows?: number;
  /** While the store is larger than so many bytes, points of the run that was quiet for longest go. */
  readonly maxBytes?: number;
}

/** What retention did. */
export interface RetentionReport {
  /** Runs that lost points, and rows that went. */
  readonly runs: number;
  readonly rows: number;
}

/** Rows of a segment. */
export const rowsOf = ({ counts }: StoredSegment): number => counts.reduce((sum, n) => sum + n, 0);

/**
 * How many of a run's segments, oldest first, are too old or too many.
 *
 * @param tail rows that stand in no segment yet
 */
export async function overdue(backing: Backing, run: string, segments: readonly StoredSegment[], tail: number, { maxAgeMs = Infinity, maxRows = Infinity }: Retention, now: number): Promise<number> {
  let rows = segments.reduce((sum, segment) => sum + rowsOf(segment), tail);
  let n = 0;
  for (const segment of segments) {
    rows -= rowsOf(segment);
    if (rows < maxRows && !(maxAgeMs < Infinity && (await youngest(backing, run, segment)) < now - maxAgeMs)) break;
    n += 1;
  }
  return n;
}

/** Wall time of a segment's last row. */
async function youngest(backing: Backing, run: string, { no }: StoredSegment): Promise<number> {
  const { wall } = await backing.rows(run, no, -1);
  return wall.reduce((a, b) => Math.max(a, b), -Infinity);
}
