import type { Note, PointsAnswer, PointsBatch, RunDetail, RunList, RunPatch, RunPut, RunsQuery, SeriesAnswer, SeriesQuery } from '@gradstream/protocol';
import type { StoredSeries } from '../backing/backing.ts';
import { curveAnswer } from '../log/curve-answer.ts';
import { changesOf, describeRun, newRun, stateAt, summaryOf } from '../log/describe.ts';
import type { LogItem, NoteItem } from '../log/item.ts';
import type { LogStoreOptions } from '../log/log-store.ts';
import { replayExpired, replaySegment } from '../log/replay.ts';
import type { Retention, RetentionReport } from '../log/retention.ts';
import type { RunLog } from '../log/run-log.ts';
import type { RunView } from '../query/filter.ts';
import { metricsOf, page } from '../query/list.ts';
import { Unavailable } from '../unavailable.ts';
import type { Health, Origin, RunChange, RunTimes, SharedRunStore } from '../run-store.ts';
import { Changes } from './changes.ts';
import { Database } from './database.ts';
import { Leases } from './leases.ts';
import { Memory, type Held } from './memory.ts';
import { PostgresReads, type RunRow } from './reads.ts';
import { expireRuns, sealSegment } from './segments.ts';
import { createRuns, Lanes, lockRuns, type Request } from './turns.ts';
import { Writes } from './writes.ts';

export interface PostgresOptions extends LogStoreOptions {
  /** ms to wait for a database that is starting itself. Default 10,000. */
  readonly startMs?: number;
}

/** Turns that may be under way at a time, each in a connection of its own. */
const lanes = 4;

/** ms within which a run that was heard of is looked at, when nobody told that it changed. */
const recentMs = 600_000;

/**
 * Runs in a PostgreSQL database that any number of servers write to and read from at the same time. Whoever writes to a run
 * locks its row, brings its own memory of the run up to date, and gives what came its places in the log; so positions have
 * no gap, and a batch is known whichever server it came to first. Reads of a run see every write that was answered by
 * any server; lists of runs see it as soon as word of it arrives, which takes some ms.
 */
export class PostgresStore implements SharedRunStore {
  readonly description: string;
  private readonly reads: PostgresReads;
  private readonly memory: Memory;
  private readonly lanes = new Lanes(lanes, (requests) => this.turn(requests));
  private readonly changes: Changes;
  private readonly listeners = new Set<(change: RunChange) => void>();
  private readonly sealing = new Map<string, Promise<void>>();
  private readonly options: Required<LogStoreOptions>;

  private constructor(private readonly database: Database, { segmentRows = 4096, lostAfterMs = 60_000, openRuns = 256, now = Date.now }: LogStoreOptions) {
    this.options = { segmentRows, lostAfterMs, openRuns, now };
    this.description = database.description;
    this.reads = new PostgresReads(database.query, this.description);
    this.memory = new Memory(this.reads, openRuns);
    this.changes = new Changes(database, { heard: (change) => this.heard(change), lookAround: (everywhere) => this.lookAround(everywhere) });
  }

  /**
   * Opens the store in a database, and creates what is missing.
   *
   * @param url `postgres://user:password@host:5432/database?schema=gradstream`
   * @throws InputError where there is no such database, or one that a later version wrote
   */
  static async open(url: string, { startMs, ...options }: PostgresOptions = {}): Promise<PostgresStore> {
    const store = new PostgresStore(await Database.open(url, startMs), options);
    for (const row of await store.reads.rowsOfAll()) store.memory.know(row);
    return store;
  }

  async runs(query: Partial<RunsQuery> = {}): Promise<RunList> {
    await this.catchUp();
    const { runs, next } = page(await this.views(metricsOf(query)), query);
    const rows = new Map((await this.reads.rowsOf(runs.map(({ id }) => id))).map((row) => [row.id, row]));
    const logs = await Promise.all(runs.flatMap(({ id }) => rows.get(id) ?? []).map((row) => this.inStep(row)));
    return { runs: logs.flatMap((log) => (log ? this.describe(log) : [])), next };
  }

  async run(id: string): Promise<RunDetail | undefined> {
    const log = await this.fresh(id);
    return log && this.describe(log);
  }

  async projects(): Promise<readonly string[]> {
    await this.catchUp();
    return [...new Set(Array.from(this.memory.known.values(), ({ run }) => run.project))];
  }

  async peek(id: string): Promise<Pick<RunDetail, 'project' | 'controls'> | undefined> {
    const known = this.memory.known.get(id);
    if (known && !this.memory.stale.has(id)) return known.run;
    try {
      const [row] = await this.reads.rowsOf([id]);
      return row && this.memory.know(row);
    } catch (error) {
      // While the database is away what was known last has to do: a bus goes on taking points.
      if (known && error instanceof Unavailable) return known.run;
      throw error;
    }
  }

  async put(id: string, body: RunPut, origin?: Origin): Promise<{ readonly run: RunDetail; readonly created: boolean }> {
    const created = await this.lanes.do({ run: id, create: true, work: (log, writes, key, made) => {
      this.change(log, writes, key, body, made, origin);
      return made;
    } });
    this.sealEnded(id, body);
    return { run: (await this.run(id))!, created: created! };
  }

  async patch(id: string, body: RunPatch, origin?: Origin): Promise<RunDetail | undefined> {
    const done = await this.lanes.do({ run: id, work: (log, writes, key) => {
      this.change(log, writes, key, body, false, origin);
      return true;
    } });
    if (!done) return undefined;
    this.sealEnded(id, body);
    return this.run(id);
  }

  async date(id: string, times: RunTimes): Promise<void> {
    await this.lanes.do({ run: id, work: (log, writes, key) => {
      Object.assign(log.stored, times);
      writes.touch(key, log);
      return true;
    } });
  }

  async delete(id: string): Promise<boolean> {
    const deleted = await this.lanes.do({ run: id, work: (log, writes, key) => {
      log.closed = true;
      writes.addDelete(key);
      return true;
    } });
    return deleted ?? false;
  }

  append(id: string, batch: PointsBatch, bytes?: Uint8Array): Promise<PointsAnswer | undefined> {
    const { now, segmentRows } = this.options;
    return this.lanes.do<PointsAnswer>({
      run: id,
      work: async (log, writes, key) => {
        const { duplicates, conflicts } = log.stored;
        const { answer, frame } = await log.accept(batch, now(), bytes);
        if (frame) writes.addPoints(key, answer.lsn, frame);
        if (frame || log.stored.duplicates !== duplicates || log.stored.conflicts !== conflicts) writes.touch(key, log);
        return answer;
      },
      kept: (_, log) => {
        if (log.tailRows >= 2 * segmentRows) this.seal(id, segmentRows);
      },
    });
  }

  note(id: string, note: Note, origin?: Origin): Promise<number | undefined> {
    return this.lanes.do({ run: id, work: (log, writes, key) => {
      const known = origin && log.writers.seen(origin.writer, origin.seq);
      if (known !== undefined) return known;
      const lsn = log.note(note, this.options.now());
      writes.addNote(key, lsn, note);
      writes.touch(key, log);
      this.remember(log, writes, key, origin);
      return lsn;
    } });
  }

  async heartbeat(id: string): Promise<boolean> {
    const found = await this.database.query('UPDATE run SET heartbeat = greatest(heartbeat, $2) WHERE id = $1 RETURNING id', [id, this.options.now()]);
    if (found.length > 0) this.changes.tell({ run: id, kind: 'log' });
    this.memory.stale.add(id);
    return found.length > 0;
  }

  async series(id: string, query: SeriesQuery): Promise<SeriesAnswer | undefined> {
    const log = await this.fresh(id);
    return log && curveAnswer(this.reads, log, query);
  }

  async head(id: string): Promise<number | undefined> {
    const [row] = await this.reads.rowsOf([id]);
    return row?.head;
  }

  async read(id: string, after: number, maxPoints: number): Promise<readonly LogItem[]> {
    const held = this.memory.held.get(id);
    const items = held ? await this.entries(held.log, after, maxPoints) : [];
    if (items.length > 0) return items;
    const log = await this.fresh(id);
    return log ? this.entries(log, after, maxPoints) : [];
  }

  async notes(id: string, after: number, limit: number): Promise<readonly NoteItem[] | undefined> {
    const head = await this.head(id);
    if (head === undefined) return undefined;
    return (await this.reads.notes(id, after, head, limit)).map(({ lsn, note }): NoteItem => ({ kind: 'note', lsn: [lsn, lsn], note }));
  }

  async setting(name: string): Promise<string | undefined> {
    return (await this.reads.settings()).get(name);
  }

  async set(name: string, value: string | undefined): Promise<void> {
    if (value === undefined) await this.database.query('DELETE FROM setting WHERE name = $1', [name]);
    else await this.database.query('INSERT INTO setting VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [name, value]);
  }

  async retain(retention: Retention): Promise<RetentionReport> {
    await this.catchUp();
    await Promise.all(this.sealing.values());
    return expireRuns(this.reads, this.lanes, Array.from(this.memory.known.values(), ({ run }) => run), retention, this.options.now());
  }

  watch(listener: (change: RunChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  share(n: number, changed: (held: ReadonlySet<number>) => void): { close(): Promise<void> } {
    return new Leases(this.database, n, changed);
  }

  async health(): Promise<Health> {
    const up = await this.database.query('SELECT 1').then(() => true, () => false);
    return { parts: [{ name: 'store', up, description: this.description }], gauges: [{ name: 'store_up', help: 'Whether the database answers.', value: up ? 1 : 0 }] };
  }

  async close(): Promise<void> {
    await Promise.all(this.sealing.values());
    await this.lanes.settled();
    await this.changes.close();
    await this.database.close();
  }

  /** Does some requests in one transaction. Nothing of it stays in memory when it could not be kept. */
  private async turn(requests: readonly Request[]): Promise<readonly unknown[]> {
    const ids = [...new Set(requests.map(({ run }) => run))];
    const answers: unknown[] = [];
    const writes = new Writes();
    const held = new Map<string, Held>();
    let made: ReadonlySet<string> = new Set();
    try {
      await this.database.transaction(async (query) => {
        const create = [...new Set(requests.flatMap(({ run, create }) => (create ? run : [])))];
        if (create.length > 0) made = await createRuns(query, create.map((id) => newRun(id, this.options.now())).map((run) => ({ ...run, record: JSON.stringify(run) })));
        const view = new PostgresReads(query, this.description);
        for (const row of await query<RunRow>(lockRuns, [ids])) held.set(row.id, await this.memory.bring(row, view));
        const unannounced = new Set(made);
        for (const { run, work } of requests) {
          const its = held.get(run);
          answers.push(its && !its.log.closed ? await work(its.log, writes, its.key, unannounced.delete(run)) : undefined);
        }
        writes.putDown(query);
      });
    } catch (error) {
      for (const id of ids) this.memory.held.delete(id);
      throw error;
    }
    requests.forEach(({ run, kept }, i) => answers[i] !== undefined && kept?.(answers[i], held.get(run)!.log));
    for (const [id, its] of held) {
      if (its.log.closed) {
        this.memory.forget(id);
        this.announce({ run: id, kind: 'deleted' });
      } else if (writes.has(its.key)) {
        this.memory.kept(id, its);
        if (made.has(id)) this.announce({ run: id, kind: 'created' });
        this.announce({ run: id, kind: 'log' });
      }
    }
    return answers;
  }

  /** Puts a body's fields into a run, and into its log what of it is news. */
  private change(log: RunLog, writes: Writes, key: number, body: RunPatch, created: boolean, origin?: Origin): void {
    if (origin && log.writers.seen(origin.writer, origin.seq) !== undefined) return;
    const now = this.options.now();
    for (const note of changesOf(log.stored, body, now, created)) writes.addNote(key, log.note(note, now), note);
    writes.record(key, log);
    this.remember(log, writes, key, origin);
  }

  private remember(log: RunLog, writes: Writes, key: number, origin: Origin | undefined): void {
    if (!origin) return;
    log.writers.add(origin.writer, origin.seq, log.head);
    writes.record(key, log);
  }

  private sealEnded(id: string, { state = 'running' }: RunPatch): void {
    if (state !== 'running' && state !== 'paused') this.seal(id, 0);
  }

  /** Moves the oldest rows of a run's tail into segments until no more than some stay. */
  private seal(id: string, keep: number): void {
    if (this.sealing.has(id)) return;
    const work = async (): Promise<void> => {
      while (await this.lanes.do(sealSegment(this.reads, id, keep, this.options.segmentRows)));
    };
    this.sealing.set(id, work().catch(() => {}).finally(() => this.sealing.delete(id)));
  }

  private entries(log: RunLog, after: number, maxPoints: number): Promise<LogItem[]> | LogItem[] {
    const { id, expired = 0 } = log.stored;
    if (after >= log.base) return log.after(after, maxPoints);
    return after < expired ? replayExpired(this.reads, id, after, expired, maxPoints) : replaySegment(this.reads, id, after, maxPoints);
  }

  /** A run's log as it is kept now. */
  private async fresh(id: string): Promise<RunLog | undefined> {
    const [row] = await this.reads.rowsOf([id]);
    if (row) return this.inStep(row);
    this.memory.forget(id);
    return undefined;
  }

  /** A run's log, at least as far as its row says. */
  private async inStep(row: RunRow): Promise<RunLog | undefined> {
    const held = this.memory.held.get(row.id);
    if (held?.key === row.key && held.revision >= row.revision) {
      held.log.stored.heartbeat = Math.max(held.log.stored.heartbeat, row.heartbeat);
      return held.log;
    }
    return this.lanes.between(row.id, () => this.database.snapshot(async (query) => {
      const view = new PostgresReads(query, this.description);
      const [now] = await view.rowsOf([row.id]);
      return now && (await this.memory.bring(now, view)).log;
    }));
  }

  private describe(log: RunLog): RunDetail {
    const { lostAfterMs, now } = this.options;
    return describeRun(log.stored, log.committed, log.summary(), now(), lostAfterMs);
  }

  /** Every run, with what is asked of its metrics: of runs in memory what they are now, of others what was sealed. */
  private async views(metrics: readonly string[]): Promise<RunView[]> {
    const { lostAfterMs, now, openRuns } = this.options;
    if (metrics.length > 0) {
      const growing = [...this.memory.known].filter(([id, { run, head }]) => head > run.sealed && !this.memory.held.has(id)).slice(0, openRuns);
      await Promise.all((await this.reads.rowsOf(growing.map(([id]) => id))).map((row) => this.inStep(row)));
    }
    const sealed = new Map<string, Map<string, StoredSeries[]>>();
    for (const metric of metrics) {
      for (const { run, series } of await this.reads.seriesOf(metric)) {
        const its = sealed.get(run) ?? new Map<string, StoredSeries[]>();
        sealed.set(run, its.set(metric, [...(its.get(metric) ?? []), series]));
      }
    }
    const at = now();
    return Array.from(this.memory.known.values(), ({ run }) => ({
      run,
      state: stateAt(run, at, lostAfterMs),
      metric: (name) => summaryOf(this.memory.held.get(run.id)?.log.attemptsOf(name).map((live) => live.now) ?? sealed.get(run.id)?.get(name) ?? []),
    }));
  }

  /** Looks at the runs that others changed. */
  private async catchUp(): Promise<void> {
    const ids = [...this.memory.stale];
    if (ids.length === 0) return;
    const rows = await this.reads.rowsOf(ids);
    for (const row of rows) this.memory.know(row);
    const there = new Set(rows.map(({ id }) => id));
    for (const id of ids) if (!there.has(id)) this.memory.forget(id);
  }

  private announce(change: RunChange): void {
    this.tell(change);
    this.changes.tell(change);
  }

  private tell(change: RunChange): void {
    for (const listener of this.listeners) listener(change);
  }

  private heard({ run, kind }: RunChange): void {
    const isKnown = this.memory.known.has(run);
    if (kind === 'deleted') {
      this.memory.forget(run);
      if (isKnown) this.tell({ run, kind });
      return;
    }
    this.memory.stale.add(run);
    this.tell({ run, kind: isKnown ? 'log' : 'created' });
  }

  /** Finds what changed though nobody told: of runs that were heard of lately, or of all. */
  private async lookAround(everywhere: boolean): Promise<void> {
    const since = everywhere ? 0 : this.options.now() - recentMs;
    const rows = await this.database.query<Pick<RunRow, 'id' | 'revision'>>('SELECT id, revision FROM run WHERE heartbeat >= $1', [since]);
    for (const { id, revision } of rows) if (revision > (this.memory.known.get(id)?.revision ?? -1)) this.heard({ run: id, kind: 'log' });
    if (!everywhere) return;
    const there = new Set(rows.map(({ id }) => id));
    // What is being made is known here before the tables show it.
    const missing = [...this.memory.known.keys()].filter((id) => !there.has(id));
    if (missing.length === 0) return;
    await this.lanes.settled();
    for (const { id } of await this.reads.rowsOf(missing)) there.add(id);
    for (const id of missing) if (!there.has(id)) this.heard({ run: id, kind: 'deleted' });
  }
}
