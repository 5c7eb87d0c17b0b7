import type { Database, Statement } from 'better-sqlite3';
import type { Column } from '@gradstream/protocol';
import type { Axis } from '../log/buckets.ts';
import type { Rows } from '../log/item.ts';
import type { Backing, StoredRun, StoredSegment, StoredSeries, Write } from './backing.ts';
import { unpack, unpackBuckets, unpackRows } from './pack.ts';
import { parseNote, parseSeries } from './records.ts';
import { Journal } from './journal.ts';
import { MetricIndex, type SeriesOfRun } from './metric-index.ts';
import { lockStore, openSqlite } from './sqlite-open.ts';
import { inlineWriter, threadWriter, type Writer } from './sqlite-thread.ts';
import { SqliteWriter } from './sqlite-writer.ts';

type Row = Record<string, unknown>;

interface SegmentRow extends Row {
  no: number; attempt: number; lsn0: number; lsn1: number; step0: number; step1: number; counts: Buffer;
}

const segmentColumns = 'no, attempt, lsn0, lsn1, step0, step1, counts';

/** Blocks that stay unpacked in memory: 5.6 kB each, at most. */
const mostUnpacked = 4000;

/** Segments whose steps and clocks stay unpacked: 64 kB each, as a rule. */
const mostAxes = 64;

type Axes = Pick<Rows, 'attempt' | 'step' | 'wall'>;

/** Keeps runs in one SQLite file: reads here, writes in a thread of its own. */
export class SqliteBacking implements Backing {
  readonly description: string;
  private readonly statements = new Map<string, Statement>();
  private readonly keys = new Map<string, number>();
  private readonly unpacked = new Map<string, Float64Array>();
  private readonly axes = new Map<string, Axes>();
  private readonly byMetric = new MetricIndex();
  private readonly points: Journal;

  private constructor(file: string, private readonly lock: Database, private readonly db: Database, private readonly writer: Writer) {
    this.description = `SQLite at ${file}`;
    this.points = new Journal(journalPrefix(file), (entries) => writer.commit(entries.map(({ run, lsn, frame }) => ({ type: 'points', run, lsn, frame }))));
  }

  /**
   * @param thread whether commits happen in a thread of their own (default), or in this one
   */
  static async open(file: string, { thread = true } = {}): Promise<SqliteBacking> {
    const lock = lockStore(file);
    try {
      const db = openSqlite(file);
      await adoptJournal(db, file);
      db.close();
      return new SqliteBacking(file, lock, openSqlite(file, { readonly: true }), thread ? await threadWriter(file) : inlineWriter(file));
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  runs(): StoredRun[] {
    return this.all<{ record: string }>('SELECT record FROM run ORDER BY key').map(({ record }) => JSON.parse(record) as StoredRun);
  }

  series(run: string): StoredSeries[] {
    return this.all<{ record: string }>('SELECT record FROM series WHERE run = ? ORDER BY no', this.key(run)).map(({ record }) => parseSeries(record));
  }

  seriesOf(metric: string): readonly SeriesOfRun[] {
    return this.byMetric.of(metric, () => this.all<{ id: string; record: string }>('SELECT run.id, series.record FROM series JOIN run ON run.key = series.run WHERE metric = ? ORDER BY series.run, series.no', metric)
      .map(({ id, record }) => ({ run: id, series: parseSeries(record) })));
  }

  journal(run: string): { lsn: number; frame: Uint8Array }[] {
    const held = this.points.of(run);
    const moved = this.all<{ lsn: number; frame: Buffer }>('SELECT lsn, frame FROM journal WHERE run = ? AND lsn < ? ORDER BY lsn', this.key(run), held[0]?.lsn ?? Infinity);
    return [...moved, ...held];
  }

  unsealed(): string[] {
    const moved = this.all<{ id: string }>('SELECT id FROM run WHERE key IN (SELECT DISTINCT run FROM journal) ORDER BY key').map(({ id }) => id);
    return [...new Set([...moved, ...this.points.runs()])];
  }

  notes(run: string, after: number, through: number, limit = -1) {
    return this.all<{ lsn: number; body: string }>('SELECT lsn, body FROM note WHERE run = ? AND lsn > ? AND lsn <= ? ORDER BY lsn LIMIT ?', this.key(run), after, through, limit)
      .map(({ lsn, body }) => ({ lsn, note: parseNote(body) }));
  }

  lastNote(run: string): number {
    return this.all<{ lsn: number | null }>('SELECT max(lsn) AS lsn FROM note WHERE run = ?', this.key(run))[0].lsn ?? 0;
  }

  segmentsAfter(run: string, lsn: number, limit: number): StoredSegment[] {
    return this.all<SegmentRow>(`SELECT ${segmentColumns} FROM segment WHERE run = ? AND lsn1 > ? ORDER BY lsn1 LIMIT ?`, this.key(run), lsn, limit).map(segment);
  }

  segmentsOver(run: string, attempt: number, from: number, to: number): StoredSegment[] {
    return this.all<SegmentRow>(`SELECT ${segmentColumns} FROM segment WHERE run = ? AND attempt = ? AND step1 >= ? AND step0 <= ? ORDER BY no`, this.key(run), attempt, from, to).map(segment);
  }

  rows(run: string, no: number, series?: number): Rows {
    const key = this.key(run);
    const chunks = this.all<{ metric: string; rows: Buffer | null; data: Buffer }>(
      `SELECT metric, rows, data FROM chunk JOIN series ON series.run = chunk.run AND series.no = chunk.series WHERE chunk.run = ? AND segment = ?${series === undefined ? '' : ' AND chunk.series = ?'} ORDER BY chunk.series`,
      key, no, ...(series === undefined ? [] : [series]));
    return { ...this.axesOf(key, no), columns: chunks.map(column) };
  }

  /** Attempt, steps and clocks of a segment, which all its metrics share. */
  private axesOf(key: number, no: number): Axes {
    const place = `${key}/${no}`;
    const known = this.axes.get(place);
    if (known) return known;
    const [{ attempt, step, wall }] = this.all<{ attempt: number; step: Buffer; wall: Buffer }>('SELECT attempt, step, wall FROM segment WHERE run = ? AND no = ?', key, no);
    const axes = { attempt, step: unpack(step), wall: unpack(wall) };
    this.axes.set(place, axes);
    if (this.axes.size > mostAxes) this.axes.delete(this.axes.keys().next().value!);
    return axes;
  }

  blocksOver(run: string, series: number, level: number, axis: Axis, from: number, to: number): { no: number; n: number }[] {
    return this.all(`SELECT no, n FROM block WHERE run = ? AND series = ? AND level = ? AND ${axis}1 >= ? AND ${axis}0 <= ? ORDER BY no`, this.key(run), series, level, from, to);
  }

  blocks(run: string, series: number, level: number, first: number, through: number): Float64Array[] {
    const place = `${this.key(run)}/${series}/${level}/`;
    const known = Array.from({ length: through - first + 1 }, (_, i) => this.unpacked.get(place + (first + i)));
    if (known.every((rows) => rows !== undefined)) return known;
    return this.all<{ no: number; data: Buffer }>('SELECT no, data FROM block WHERE run = ? AND series = ? AND level = ? AND no BETWEEN ? AND ? ORDER BY no', this.key(run), series, level, first, through)
      .map(({ no, data }) => this.unpacked.get(place + no) ?? this.remember(place + no, unpackBuckets(data)));
  }

  /** Keeps a block unpacked: curves read it, and the next seal goes on from it. */
  private remember(place: string, rows: Float64Array): Float64Array {
    this.unpacked.delete(place);
    this.unpacked.set(place, rows);
    if (this.unpacked.size > mostUnpacked) this.unpacked.delete(this.unpacked.keys().next().value!);
    return rows;
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (writes.every((write) => write.type === 'points')) return this.points.append(writes);
    await this.points.heal();
    // What a file holds of a deleted run would come back with the next run of its name.
    if (writes.some(({ type }) => type === 'delete')) await this.points.drain();
    await this.writer.commit(writes);
    for (const write of writes) this.kept(write);
  }

  async sealAside(seal: Extract<Write, { type: 'seal' }>): Promise<void> {
    await this.writer.commit([seal]);
    this.kept(seal);
  }

  /** Brings what is remembered up to date. */
  private kept(write: Write): void {
    if (write.type === 'delete') {
      this.keys.delete(write.run);
      this.unpacked.clear();
      this.axes.clear();
      this.byMetric.clear();
    } else if (write.type === 'seal' || write.type === 'expire') {
      const key = this.key(write.run.id);
      for (const { series, level, no, rows } of write.blocks) this.remember(`${key}/${series}/${level}/${no}`, rows);
      this.byMetric.update(write.run.id, write.series);
      if (write.type === 'seal') this.points.sealed(write.run.id, write.segment.lsn[1]);
    }
  }

  async close(): Promise<void> {
    try {
      await this.points.drain();
    } finally {
      await this.points.leave();
      this.db.close();
      await this.writer.close();
      this.lock.close();
    }
  }

  settings(): ReadonlyMap<string, string> {
    return new Map(this.all<{ name: string; value: string }>('SELECT name, value FROM setting').map(({ name, value }) => [name, value]));
  }

  bytes(): number {
    const [{ bytes }] = this.all<{ bytes: number }>('SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size');
    return bytes;
  }

  private key(id: string): number {
    const known = this.keys.get(id);
    if (known !== undefined) return known;
    const [row] = this.all<{ key: number }>('SELECT key FROM run WHERE id = ?', id);
    if (!row) return -1;
    this.keys.set(id, row.key);
    return row.key;
  }

  private all<T>(sql: string, ...values: unknown[]): T[] {
    const statement = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement.all(...values) as T[];
  }
}

const segment = ({ no, attempt, lsn0, lsn1, step0, step1, counts }: SegmentRow): StoredSegment => ({ no, attempt, lsn: [lsn0, lsn1], step: [step0, step1], counts: unpackRows(counts) });

const column = ({ metric, rows, data }: { metric: string; rows: Buffer | null; data: Buffer }): Column => (rows ? { metric, at: unpackRows(rows), values: unpack(data) } : { metric, values: unpack(data) });

/** Files of points beside the store's. */
const journalPrefix = (file: string): string => `${file}.points-`;

/** Takes what an earlier process had in its journal files when it died into the store. */
async function adoptJournal(db: Database, file: string): Promise<void> {
  const { entries, remove } = await Journal.leftBehind(journalPrefix(file));
  const sealed = new Map(db.prepare<[], { record: string }>('SELECT record FROM run').all().map(({ record }) => JSON.parse(record) as StoredRun).map((run) => [run.id, run.sealed]));
  const has = db.prepare<[string, number], unknown>('SELECT 1 FROM journal JOIN run ON run.key = journal.run WHERE run.id = ? AND lsn = ?');
  const missing = entries.filter(({ run, lsn }) => lsn > (sealed.get(run) ?? Infinity) && !has.get(run, lsn));
  if (missing.length > 0) new SqliteWriter(db).commit(missing.map((entry) => ({ type: 'points', ...entry })));
  await remove();
}
