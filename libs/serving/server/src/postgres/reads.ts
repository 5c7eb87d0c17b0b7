import type { Column, Note } from '@gradstream/protocol';
import type { Backing, StoredRun, StoredSegment, StoredSeries, Write } from '../backing/backing.ts';
import { unpack, unpackBuckets, unpackRows } from '../backing/pack.ts';
import { parseNote, parseSeries } from '../backing/records.ts';
import { bucketWidth, type Axis } from '../log/buckets.ts';
import type { Rows } from '../log/item.ts';
import { bucketsPerBlock } from '../log/seal.ts';
import type { Query } from './database.ts';

/** A run's row: what it says of itself, and where its log stands. */
export interface RunRow {
  readonly key: number;
  readonly id: string;
  readonly revision: number;
  readonly head: number;
  readonly heartbeat: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly record: string;
}

export const runColumns = 'key, id, revision, head, heartbeat, duplicates, conflicts, record';

/** What a row says of its run. */
export const storedRun = ({ record, heartbeat, duplicates, conflicts }: RunRow): StoredRun => ({ ...(JSON.parse(record) as StoredRun), heartbeat, duplicates, conflicts });

/** Full blocks that stay unpacked in memory: 5.6 kB each. */
const mostFullBlocks = 2000;

const segmentColumns = 'no, attempt, lsn0, lsn1, step0, step1, counts';
const ofRun = 'run = (SELECT key FROM run WHERE id = $1)';

/** Reads what is kept, over one connection or over any. */
export class PostgresReads implements Backing {
  /** Full blocks, by run, series, level and number: they never change. */
  private readonly fullBlocks = new Map<string, Float64Array>();

  constructor(private readonly query: Query, readonly description: string) {}

  async runs(): Promise<StoredRun[]> {
    return (await this.rowsOfAll()).map(storedRun);
  }

  rowsOfAll(): Promise<RunRow[]> {
    return this.query<RunRow>(`SELECT ${runColumns} FROM run ORDER BY key`);
  }

  rowsOf(ids: readonly string[]): Promise<RunRow[]> {
    return this.query<RunRow>(`SELECT ${runColumns} FROM run WHERE id = ANY($1) ORDER BY key`, [ids]);
  }

  async series(run: string): Promise<StoredSeries[]> {
    return (await this.query<{ record: string }>(`SELECT record FROM series WHERE ${ofRun} ORDER BY no`, [run])).map(({ record }) => parseSeries(record));
  }

  async seriesOf(metric: string): Promise<{ run: string; series: StoredSeries }[]> {
    const rows = await this.query<{ id: string; record: string }>('SELECT run.id, series.record FROM series JOIN run ON run.key = series.run WHERE metric = $1 ORDER BY series.run, series.no', [metric]);
    return rows.map(({ id, record }) => ({ run: id, series: parseSeries(record) }));
  }

  journal(run: string, after = 0): Promise<{ lsn: number; frame: Uint8Array }[]> {
    return this.query(`SELECT lsn, frame FROM journal WHERE ${ofRun} AND lsn > $2 ORDER BY lsn`, [run, after]);
  }

  async unsealed(): Promise<string[]> {
    return (await this.query<{ id: string }>('SELECT id FROM run WHERE EXISTS (SELECT 1 FROM journal WHERE run = run.key) ORDER BY key')).map(({ id }) => id);
  }

  async notes(run: string, after: number, through: number, limit?: number): Promise<{ lsn: number; note: Note }[]> {
    const rows = await this.query<{ lsn: number; body: string }>(`SELECT lsn, body FROM note WHERE ${ofRun} AND lsn > $2 AND ($3::bigint IS NULL OR lsn <= $3) ORDER BY lsn LIMIT $4`, [run, after, through === Infinity ? null : through, limit ?? null]);
    return rows.map(({ lsn, body }) => ({ lsn, note: parseNote(body) }));
  }

  async lastNote(run: string): Promise<number> {
    return (await this.query<{ lsn: number | null }>(`SELECT max(lsn) AS lsn FROM note WHERE ${ofRun}`, [run]))[0].lsn ?? 0;
  }

  async segmentsAfter(run: string, lsn: number, limit: number): Promise<StoredSegment[]> {
    return (await this.query<SegmentRow>(`SELECT ${segmentColumns} FROM segment WHERE ${ofRun} AND lsn1 > $2 ORDER BY lsn1 LIMIT $3`, [run, lsn, limit])).map(segment);
  }

  async segmentsOver(run: string, attempt: number, from: number, to: number): Promise<StoredSegment[]> {
    return (await this.query<SegmentRow>(`SELECT ${segmentColumns} FROM segment WHERE ${ofRun} AND attempt = $2 AND step1 >= $3 AND step0 <= $4 ORDER BY no`, [run, attempt, from, to])).map(segment);
  }

  async rows(run: string, no: number, series?: number): Promise<Rows> {
    const [axes] = await this.query<{ attempt: number; step: Buffer; wall: Buffer }>(`SELECT attempt, step, wall FROM segment WHERE ${ofRun} AND no = $2`, [run, no]);
    if (!axes) return { attempt: 0, step: new Float64Array(), wall: new Float64Array(), columns: [] };
    const chunks = await this.query<{ metric: string; rows: Buffer | null; data: Buffer }>(
      `SELECT metric, rows, data FROM chunk JOIN series USING (run) WHERE series.no = chunk.series AND ${ofRun} AND segment = $2 AND ($3::integer IS NULL OR chunk.series = $3) ORDER BY chunk.series`, [run, no, series ?? null]);
    return { attempt: axes.attempt, step: unpack(axes.step), wall: unpack(axes.wall), columns: chunks.map(column) };
  }

  blocksOver(run: string, series: number, level: number, axis: Axis, from: number, to: number): Promise<{ no: number; n: number }[]> {
    return this.query(`SELECT no, n FROM block WHERE ${ofRun} AND series = $2 AND level = $3 AND ${axis}1 >= $4 AND ${axis}0 <= $5 ORDER BY no`, [run, series, level, from, to]);
  }

  async blocks(run: string, series: number, level: number, first: number, through: number): Promise<Float64Array[]> {
    const place = `${run}/${series}/${level}/`;
    const known = Array.from({ length: through - first + 1 }, (_, i) => this.fullBlocks.get(place + (first + i)));
    if (known.every((rows) => rows !== undefined)) return known;
    const rows = await this.query<{ no: number; data: Buffer }>(`SELECT no, data FROM block WHERE ${ofRun} AND series = $2 AND level = $3 AND no BETWEEN $4 AND $5 ORDER BY no`, [run, series, level, first, through]);
    return rows.map(({ no, data }) => this.fullBlocks.get(place + no) ?? this.remember(place + no, unpackBuckets(data)));
  }

  async settings(): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.query<{ name: string; value: string }>('SELECT name, value FROM setting')).map(({ name, value }) => [name, value]));
  }

  /** What the columns hold: room of deleted rows is the database's to use again. */
  async bytes(): Promise<number> {
    const [{ bytes }] = await this.query<{ bytes: number }>(`SELECT (
      (SELECT coalesce(sum(octet_length(frame) + 32), 0) FROM journal) + (SELECT coalesce(sum(octet_length(data) + coalesce(octet_length(rows), 0) + 40), 0) FROM chunk)
      + (SELECT coalesce(sum(octet_length(step) + octet_length(wall) + octet_length(counts) + 80), 0) FROM segment)
      + (SELECT coalesce(sum(octet_length(data) + 80), 0) FROM block) + (SELECT coalesce(sum(octet_length(body) + 32), 0) FROM note)
    )::bigint AS bytes`);
    return bytes;
  }

  /** Forgets what is remembered of runs: one that was deleted may come again with other points. */
  forgetBlocks(): void {
    this.fullBlocks.clear();
  }

  commit(_: readonly Write[]): Promise<never> {
    throw new Error('a run is written to in its turn only');
  }

  async close(): Promise<void> {}

  /** Keeps a block unpacked once it is full: it will not change any more. */
  private remember(place: string, rows: Float64Array): Float64Array {
    if (rows.length < bucketsPerBlock * bucketWidth) return rows;
    this.fullBlocks.set(place, rows);
    if (this.fullBlocks.size > mostFullBlocks) this.fullBlocks.delete(this.fullBlocks.keys().next().value!);
    return rows;
  }
}

interface SegmentRow {
  readonly no: number; readonly attempt: number; readonly lsn0: number; readonly lsn1: number; readonly step0: number; readonly step1: number; readonly counts: Buffer;
}

const segment = ({ no, attempt, lsn0, lsn1, step0, step1, counts }: SegmentRow): StoredSegment => ({ no, attempt, lsn: [lsn0, lsn1], step: [step0, step1], counts: unpackRows(counts) });

const column = ({ metric, rows, data }: { metric: string; rows: Buffer | null; data: Buffer }): Column => (rows ? { metric, at: unpackRows(rows), values: unpack(data) } : { metric, values: unpack(data) });
