import type { Note } from '@gradstream/protocol';
import type { StoredBlock, StoredSeries, Write } from '../backing/backing.ts';
import { packAxis, packBuckets, packRows, packValues } from '../backing/pack.ts';
import { noteRecord, seriesRecord } from '../backing/records.ts';
import { bucketWidth, step0, step1, wall0, wall1 } from '../log/buckets.ts';
import type { RunLog } from '../log/run-log.ts';
import type { Query } from './database.ts';

type Seal = Extract<Write, { type: 'seal' }>;
type Expire = Extract<Write, { type: 'expire' }>;

/** What a turn writes, put down in as few statements as can be: many small batches cost what one large batch does. */
export class Writes {
  private readonly points: { readonly key: number; readonly lsn: number; readonly frame: Uint8Array }[] = [];
  private readonly notes: { readonly key: number; readonly lsn: number; readonly body: string }[] = [];
  private readonly recorded = new Set<number>();
  private readonly touched = new Map<number, RunLog>();
  private readonly others: ((query: Query) => void)[] = [];

  /** Says that the turn wrote to a run: its counters are put down with everything else. */
  touch(key: number, log: RunLog): void {
    this.touched.set(key, log);
  }

  addPoints(key: number, lsn: number, frame: Uint8Array): void {
    this.points.push({ key, lsn, frame });
  }

  addNote(key: number, lsn: number, note: Note): void {
    this.notes.push({ key, lsn, body: noteRecord(note) });
  }

  /** Says that what a run says of itself changed. */
  record(key: number, log: RunLog): void {
    this.touch(key, log);
    this.recorded.add(key);
  }

  /** Whether the turn wrote to a run. */
  has(key: number): boolean {
    return this.touched.has(key);
  }

  addSeal(key: number, { segment: { no, attempt, lsn, step, counts }, rows, series, blocks }: Omit<Seal, 'run' | 'type'>): void {
    const numbers = new Map(series.map((each) => [each.metric, each.no]));
    const chunks = rows.columns.map(({ metric, at, values }) => ({ series: numbers.get(metric), rows: at ? packRows(at) : null, data: packValues(values) }));
    this.others.push((query) => {
      void query('INSERT INTO segment VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [key, no, attempt, lsn[0], lsn[1], step[0], step[1], bytes(packRows(counts)), bytes(packAxis(rows.step)), bytes(packAxis(rows.wall))]);
      for (const chunk of chunks) void query('INSERT INTO chunk VALUES ($1, $2, $3, $4, $5)', [key, no, chunk.series, chunk.rows && bytes(chunk.rows), bytes(chunk.data)]);
      pyramids(query, key, series, blocks);
      void query('DELETE FROM journal WHERE run = $1 AND lsn <= $2', [key, lsn[1]]);
    });
  }

  addExpire(key: number, { before, series, blocks }: Omit<Expire, 'run' | 'type'>): void {
    this.others.push((query) => {
      void query('DELETE FROM chunk WHERE run = $1 AND segment < $2', [key, before]);
      void query('DELETE FROM segment WHERE run = $1 AND no < $2', [key, before]);
      pyramids(query, key, series, blocks);
    });
  }

  addDelete(key: number): void {
    this.touched.delete(key);
    this.others.push((query) => {
      for (const table of ['series', 'journal', 'note', 'segment', 'chunk', 'block']) void query(`DELETE FROM ${table} WHERE run = $1`, [key]);
      void query('DELETE FROM run WHERE key = $1', [key]);
    });
  }

  /** Sends it all; the transaction waits for the answers. */
  putDown(query: Query): void {
    if (this.points.length > 0) this.putPoints(query);
    if (this.notes.length > 0) {
      void query('INSERT INTO note SELECT * FROM unnest($1::integer[], $2::bigint[], $3::text[])', [this.notes.map(({ key }) => key), this.notes.map(({ lsn }) => lsn), this.notes.map(({ body }) => body)]);
    }
    for (const write of this.others) write(query);
    if (this.touched.size > 0) this.putCounters(query);
  }

  /** All frames go as one value of bytes, which the wire carries as they are; a list of such values it would spell out. */
  private putPoints(query: Query): void {
    const { points } = this;
    const lengths = points.map(({ frame }) => frame.length);
    let end = 1;
    const begins = lengths.map((length) => (end += length) - length);
    void query('INSERT INTO journal SELECT run, lsn, substring($5::bytea FROM at FOR length) FROM unnest($1::integer[], $2::bigint[], $3::integer[], $4::integer[]) AS point (run, lsn, at, length)',
      [points.map(({ key }) => key), points.map(({ lsn }) => lsn), begins, lengths, points.length === 1 ? bytes(points[0].frame) : Buffer.concat(points.map(({ frame }) => frame))]);
  }

  private putCounters(query: Query): void {
    const runs = [...this.touched].map(([key, log]) => ({ key, head: log.head, ...log.stored }));
    void query(
      `UPDATE run SET revision = revision + 1, head = now.head, heartbeat = greatest(run.heartbeat, now.heartbeat), duplicates = now.duplicates, conflicts = now.conflicts, record = coalesce(now.record, run.record)
       FROM unnest($1::integer[], $2::bigint[], $3::double precision[], $4::bigint[], $5::bigint[], $6::text[]) AS now (key, head, heartbeat, duplicates, conflicts, record) WHERE run.key = now.key`,
      [runs.map(({ key }) => key), runs.map(({ head }) => head), runs.map(({ heartbeat }) => heartbeat), runs.map(({ duplicates }) => duplicates), runs.map(({ conflicts }) => conflicts), [...this.touched].map(([key, log]) => (this.recorded.has(key) ? JSON.stringify(log.snapshot()) : null))]);
  }
}

function pyramids(query: Query, key: number, series: readonly StoredSeries[], blocks: readonly StoredBlock[]): void {
  void query(
    'INSERT INTO series SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::integer[], $5::text[]) ON CONFLICT (run, no) DO UPDATE SET record = excluded.record',
    [key, series.map(({ no }) => no), series.map(({ metric }) => metric), series.map(({ attempt }) => attempt), series.map(seriesRecord)]);
  for (const { series: no, level, no: block, rows } of blocks) {
    const end = rows.length - bucketWidth;
    void query(
      'INSERT INTO block VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (run, series, level, no) DO UPDATE SET n = excluded.n, step1 = excluded.step1, wall1 = excluded.wall1, data = excluded.data',
      [key, no, level, block, rows.length / bucketWidth, rows[step0], rows[end + step1], rows[wall0], rows[end + wall1], bytes(packBuckets(rows))]);
  }
}

/** The same bytes in the form that goes over the wire as it is. */
const bytes = (data: Uint8Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
