import type { Database, Statement } from 'better-sqlite3';
import { bucketWidth, step0, step1, wall0, wall1 } from '../log/buckets.ts';
import type { StoredBlock, StoredSeries, Write } from './backing.ts';
import { packAxis, packBuckets, packRows, packValues } from './pack.ts';
import { noteRecord, seriesRecord } from './records.ts';

type Seal = Extract<Write, { type: 'seal' }>;
type Expire = Extract<Write, { type: 'expire' }>;

/** Turns writes into rows of the SQLite store. */
export class SqliteWriter {
  private readonly keys = new Map<string, number>();
  private readonly statements = new Map<string, Statement>();
  private readonly transaction: (writes: readonly Write[]) => void;

  constructor(private readonly db: Database) {
    for (const { key, id } of db.prepare<[], { key: number; id: string }>('SELECT key, id FROM run').all()) this.keys.set(id, key);
    this.transaction = db.transaction((writes: readonly Write[]) => {
      for (const write of writes) this.write(write);
    }).immediate;
  }

  /** All of them or none; on return they are on the disk. */
  commit(writes: readonly Write[]): void {
    try {
      this.transaction(writes);
    } catch (error) {
      this.keys.clear();
      for (const { key, id } of this.db.prepare<[], { key: number; id: string }>('SELECT key, id FROM run').all()) this.keys.set(id, key);
      throw error;
    }
  }

  private write(write: Write): void {
    switch (write.type) {
      case 'run': return this.writeRun(write.run.id, JSON.stringify(write.run));
      case 'delete': return this.deleteRun(write.run);
      case 'points': return this.writePoints(write);
      case 'note': return this.run('INSERT INTO note (run, lsn, body) VALUES (?, ?, ?)', this.key(write.run), write.lsn, noteRecord(write.note));
      case 'seal': return this.seal(write);
      case 'expire': return this.expire(write);
      case 'setting': return write.value === undefined ? this.run('DELETE FROM setting WHERE name = ?', write.name) : this.run('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)', write.name, write.value);
    }
  }

  /** Points may come here late, from a file of the journal: not those that stand in a segment by now. */
  private writePoints({ run, lsn, frame }: Extract<Write, { type: 'points' }>): void {
    const key = this.key(run);
    this.run('INSERT INTO journal (run, lsn, frame) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM segment WHERE run = ? AND lsn1 >= ?)', key, lsn, frame, key, lsn);
  }

  private writeRun(id: string, record: string): void {
    const known = this.keys.get(id);
    if (known !== undefined) return this.run('UPDATE run SET record = ? WHERE key = ?', record, known);
    const { lastInsertRowid } = this.prepared('INSERT INTO run (id, record) VALUES (?, ?)').run(id, record);
    this.keys.set(id, Number(lastInsertRowid));
  }

  private deleteRun(id: string): void {
    const key = this.key(id);
    for (const table of ['series', 'journal', 'note', 'segment', 'chunk', 'block']) this.run(`DELETE FROM ${table} WHERE run = ?`, key);
    this.run('DELETE FROM run WHERE key = ?', key);
    this.keys.delete(id);
  }

  private seal({ run, segment, rows, series, blocks }: Seal): void {
    this.writeRun(run.id, JSON.stringify(run));
    const key = this.key(run.id);
    const { no, attempt, lsn, step, counts } = segment;
    this.run('INSERT INTO segment (run, no, attempt, lsn0, lsn1, step0, step1, counts, step, wall) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      key, no, attempt, lsn[0], lsn[1], step[0], step[1], packRows(counts), packAxis(rows.step), packAxis(rows.wall));
    const numbers = new Map(series.map((each) => [each.metric, each.no]));
    for (const { metric, values, at } of rows.columns) {
      this.run('INSERT INTO chunk (run, segment, series, rows, data) VALUES (?, ?, ?, ?, ?)', key, no, numbers.get(metric), at ? packRows(at) : null, packValues(values));
    }
    this.pyramids(key, series, blocks);
    this.run('DELETE FROM journal WHERE run = ? AND lsn <= ?', key, lsn[1]);
  }

  private expire({ run, before, series, blocks }: Expire): void {
    this.writeRun(run.id, JSON.stringify(run));
    const key = this.key(run.id);
    for (const [table, number] of [['chunk', 'segment'], ['segment', 'no']]) this.run(`DELETE FROM ${table} WHERE run = ? AND ${number} < ?`, key, before);
    this.pyramids(key, series, blocks);
  }

  private pyramids(key: number, series: readonly StoredSeries[], blocks: readonly StoredBlock[]): void {
    for (const each of series) this.run('INSERT OR REPLACE INTO series (run, no, metric, attempt, record) VALUES (?, ?, ?, ?, ?)', key, each.no, each.metric, each.attempt, seriesRecord(each));
    for (const block of blocks) {
      const end = block.rows.length - bucketWidth;
      this.run('INSERT OR REPLACE INTO block (run, series, level, no, n, step0, step1, wall0, wall1, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
        key, block.series, block.level, block.no, block.rows.length / bucketWidth, block.rows[step0], block.rows[end + step1], block.rows[wall0], block.rows[end + wall1], packBuckets(block.rows));
    }
  }

  private key(id: string): number {
    const key = this.keys.get(id);
    if (key === undefined) throw new Error(`the store has no run '${id}'`);
    return key;
  }

  private run(sql: string, ...values: unknown[]): void {
    this.prepared(sql).run(...values);
  }

  private prepared(sql: string): Statement {
    const known = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}
