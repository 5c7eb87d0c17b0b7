import type { Note, PointsAnswer, PointsBatch, RunDetail, RunList, RunPatch, RunPut, RunsQuery, SeriesAnswer, SeriesQuery } from '@gradstream/protocol';
import { InputError } from '@gradstream/numerics';
import type { Backing, StoredRun, StoredSeries } from '../backing/backing.ts';
import type { RunChange, RunStore, RunTimes } from '../run-store.ts';
import { curveAnswer } from './curve-answer.ts';
import { metricsOf, page } from '../query/list.ts';
import type { RunView } from '../query/filter.ts';
import { changesOf, describeRun, newRun, stateAt, summariesOf, summaryOf, type Summary } from './describe.ts';
import { standIns } from './expire.ts';
import { GroupCommit } from './group-commit.ts';
import type { LogItem, NoteItem } from './item.ts';
import { replayExpired, replaySegment } from './replay.ts';
import { overdue, rowsOf, type Retention, type RetentionReport } from './retention.ts';
import { RunLog } from './run-log.ts';
import { sealable, sealSeries } from './seal.ts';

export interface LogStoreOptions {
  /** Rows of a run that go into one segment, and that stay in memory behind it. Default 4096. */
  readonly segmentRows?: number;
  /** After how many ms of silence a running run counts as lost. Default 60,000. */
  readonly lostAfterMs?: number;
  /** Runs whose tails stay in memory. Default 256. */
  readonly openRuns?: number;
  /** The clock, ms since 1970. */
  readonly now?: () => number;
}

/** Segments of a run that are listed, and that expire at a time for want of room. */
const mostSegments = 1e6;
const segmentsAtATime = 16;

/** A run in memory, and how many are at work on it. */
interface OpenRun {
  readonly log: Promise<RunLog>;
  users: number;
  sealing?: Promise<void>;
}

/** What a list shows of a run besides its record: the summaries of its metrics, and their newest attempt. */
interface Listed {
  readonly attempt: number;
  readonly summary: Summary;
}

const listedFrom = (series: readonly StoredSeries[]): Listed => ({ attempt: series.reduce((most, { attempt }) => Math.max(most, attempt), 0), summary: summariesOf(series) });

/** Runs as logs over a backing: dedupe, positions, group commit, segments and pyramids. */
export class LogStore implements RunStore {
  readonly description: string;
  private readonly known = new Map<string, StoredRun>();
  private settings: ReadonlyMap<string, string> = new Map();
  private readonly opened = new Map<string, OpenRun>();
  /** What was sealed of the runs that were listed last: each seal and each expiry makes a new record of its run. */
  private readonly listedLast = new Map<StoredRun, Listed>();
  private readonly listeners = new Set<(change: RunChange) => void>();
  private readonly commits: GroupCommit;
  private readonly options: Required<LogStoreOptions>;

  private constructor(private readonly backing: Backing, { segmentRows = 4096, lostAfterMs = 60_000, openRuns = 256, now = Date.now }: LogStoreOptions) {
    this.options = { segmentRows, lostAfterMs, openRuns, now };
    this.description = backing.description;
    this.commits = new GroupCommit(backing, () => this.forgetOpened());
  }

  static async over(backing: Backing, options: LogStoreOptions = {}): Promise<LogStore> {
    const store = new LogStore(backing, options);
    for (const run of await backing.runs()) store.known.set(run.id, run);
    store.settings = new Map(await backing.settings());
    for (const id of await backing.unsealed()) {
      await store.using(id, (log) => {
        store.sealEnded(log);
        store.sealFull(log);
      });
    }
    return store;
  }

  async runs(query: Partial<RunsQuery> = {}): Promise<RunList> {
    const { runs, next } = page(await this.views(metricsOf(query)), query);
    return { runs: await Promise.all(runs.map((run) => this.listed(run))), next };
  }

  async run(id: string): Promise<RunDetail | undefined> {
    return this.known.has(id) ? this.detail(id) : undefined;
  }

  async projects(): Promise<readonly string[]> {
    return [...new Set([...this.known.values()].map(({ project }) => project))];
  }

  async peek(id: string): Promise<Pick<RunDetail, 'project' | 'controls'> | undefined> {
    return this.known.get(id);
  }

  async put(id: string, body: RunPut): Promise<{ readonly run: RunDetail; readonly created: boolean }> {
    const created = !this.known.has(id);
    if (created) {
      const stored = newRun(id, this.options.now());
      this.known.set(id, stored);
      this.opened.set(id, { log: Promise.resolve(RunLog.create(this.backing, stored)), users: 0 });
    }
    try {
      await this.change(id, body, created);
    } catch (error) {
      if (created) this.known.delete(id);
      throw error;
    }
    return { run: await this.detail(id), created };
  }

  async patch(id: string, body: RunPatch): Promise<RunDetail | undefined> {
    if (!this.known.has(id)) return undefined;
    await this.change(id, body, false);
    return this.detail(id);
  }

  async date(id: string, times: RunTimes): Promise<void> {
    if (this.known.has(id)) await this.change(id, {}, false, times);
  }

  async delete(id: string): Promise<boolean> {
    if (!this.known.has(id)) return false;
    await this.using(id, async (log) => {
      const kept = await log.exclusively(() => {
        log.closed = true;
        return { done: this.commits.commit({ type: 'delete', run: id }) };
      });
      await kept.done;
      this.known.delete(id);
      this.opened.delete(id);
    });
    this.tell({ run: id, kind: 'deleted' });
    return true;
  }

  async append(id: string, batch: PointsBatch, frame?: Uint8Array): Promise<PointsAnswer | undefined> {
    return this.using(id, async (log) => {
      const { answer, kept } = await log.exclusively(async () => {
        const { answer, frame: accepted, unknown } = await log.accept(batch, this.options.now(), frame);
        if (accepted) return { answer, kept: this.commits.commit({ type: 'points', run: id, lsn: answer.lsn, frame: accepted }) };
        return { answer, kept: unknown ? this.commits.commit({ type: 'run', run: log.snapshot() }) : this.commits.flushed() };
      });
      await kept;
      this.advance(log, answer.lsn);
      this.sealFull(log);
      return answer;
    });
  }

  async note(id: string, note: Note): Promise<number | undefined> {
    return this.using(id, async (log) => {
      const { lsn, kept } = await log.exclusively(() => {
        const lsn = log.note(note, this.options.now());
        return { lsn, kept: this.commits.commit({ type: 'note', run: id, lsn, note }) };
      });
      await kept;
      this.advance(log, lsn);
      return lsn;
    });
  }

  async heartbeat(id: string): Promise<boolean> {
    const seen = await this.using(id, (log) => {
      log.stored.heartbeat = this.known.get(id)!.heartbeat = this.options.now();
      return true;
    });
    return seen ?? false;
  }

  async series(id: string, query: SeriesQuery): Promise<SeriesAnswer | undefined> {
    return this.using(id, (log) => curveAnswer(this.backing, log, query));
  }

  async head(id: string): Promise<number | undefined> {
    return this.using(id, (log) => log.committed);
  }

  async read(id: string, after: number, maxPoints: number): Promise<readonly LogItem[]> {
    const items = await this.using(id, async (log) => {
      const { expired = 0 } = log.stored;
      if (after >= log.base) return log.after(after, maxPoints);
      return after < expired ? replayExpired(this.backing, id, after, expired, maxPoints) : replaySegment(this.backing, id, after, maxPoints);
    });
    return items ?? [];
  }

  async notes(id: string, after: number, limit: number): Promise<readonly NoteItem[] | undefined> {
    return this.using(id, async (log) => {
      const kept = await this.backing.notes(id, after, log.committed, limit);
      return kept.slice(0, limit).map(({ lsn, note }): NoteItem => ({ kind: 'note', lsn: [lsn, lsn], note }));
    });
  }

  async setting(name: string): Promise<string | undefined> {
    return this.settings.get(name);
  }

  async set(name: string, value: string | undefined): Promise<void> {
    await this.commits.commit({ type: 'setting', name, value });
    const changed = new Map(this.settings);
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
    this.settings = changed;
  }

  async retain(retention: Retention): Promise<RetentionReport> {
    const { backing } = this;
    if (backing.expires === false) throw new InputError(`retention: ${this.description} keeps every point; it needs SQLite or PostgreSQL`);
    const gone = new Map<string, number>();
    const expire = async (id: string, n: number): Promise<void> => {
      const rows = n === 0 ? 0 : await this.expire(id, n);
      if (rows > 0) gone.set(id, (gone.get(id) ?? 0) + rows);
    };
    for (const id of [...this.known.keys()]) {
      await this.opened.get(id)?.sealing;
      const tail = (await this.using(id, ({ tailRows }) => tailRows)) ?? 0;
      await expire(id, await overdue(backing, id, await backing.segmentsAfter(id, 0, mostSegments), tail, retention, this.options.now()));
    }
    const quietFirst = [...this.known.values()].sort((a, b) => a.heartbeat - b.heartbeat);
    for (const { id } of quietFirst) {
      for (let more = true; more && retention.maxBytes !== undefined && backing.bytes && (await backing.bytes()) > retention.maxBytes;) {
        const before = gone.get(id) ?? 0;
        await expire(id, Math.min(segmentsAtATime, (await backing.segmentsAfter(id, 0, segmentsAtATime)).length));
        more = (gone.get(id) ?? 0) > before;
      }
    }
    return { runs: gone.size, rows: [...gone.values()].reduce((a, b) => a + b, 0) };
  }

  /** Lets the points of a run's oldest segments go. @returns rows that went */
  private async expire(id: string, n: number): Promise<number> {
    const rows = await this.using(id, async (log) => {
      const open = this.opened.get(id)!;
      while (open.sealing) await open.sealing;
      let went = 0;
      const work = async (): Promise<void> => {
        const plan = await log.exclusively(async () => {
          if (log.closed) return undefined;
          const segments = await this.backing.segmentsAfter(id, 0, n);
          if (segments.length === 0) return undefined;
          const { series, blocks } = await standIns(this.backing, id, log.allSealed(), segments);
          log.stored.expired = segments.at(-1)!.lsn[1];
          const run = log.snapshot();
          return { segments, series, run, kept: this.commits.commit({ type: 'expire', run, before: segments.at(-1)!.no + 1, series, blocks }) };
        });
        if (!plan) return;
        await plan.kept;
        this.known.set(id, plan.run);
        log.adoptSealed(plan.series);
        went = plan.segments.reduce((sum, segment) => sum + rowsOf(segment), 0);
      };
      open.sealing = work().finally(() => void delete open.sealing);
      await open.sealing;
      return went;
    });
    return rows ?? 0;
  }

  watch(listener: (change: RunChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([...this.opened.values()].map(({ sealing }) => sealing));
    await this.commits.settled();
    await this.backing.close();
  }

  /** Puts a body's fields into a run, and into its log what of it is news. */
  private async change(id: string, body: RunPatch, created: boolean, times: RunTimes = {}): Promise<void> {
    await this.using(id, async (log) => {
      const changed = await log.exclusively(() => {
        const now = this.options.now();
        const notes = changesOf(log.stored, body, now, created).map((note) => ({ type: 'note' as const, run: id, lsn: log.note(note, now), note }));
        Object.assign(log.stored, times);
        const run = log.snapshot();
        return { run, head: log.head, kept: this.commits.commit({ type: 'run', run }, ...notes) };
      });
      await changed.kept;
      this.known.set(id, changed.run);
      if (created) this.tell({ run: id, kind: 'created' });
      this.advance(log, changed.head);
      this.sealEnded(log);
    });
  }

  private advance(log: RunLog, lsn: number): void {
    if (lsn <= log.committed) return;
    const after = log.committed;
    log.committed = lsn;
    const known = this.known.get(log.stored.id);
    if (known) known.heartbeat = log.stored.heartbeat;
    this.tell({ run: log.stored.id, kind: 'log', after });
  }

  private tell(change: RunChange): void {
    for (const listener of this.listeners) listener(change);
  }

  /** Moves the oldest rows of a full tail into segments until half of it stays. */
  private sealFull(log: RunLog): void {
    const { segmentRows } = this.options;
    if (log.tailRows >= 2 * segmentRows) this.sealInTurn(log, segmentRows);
  }

  /** Moves what an ended run still has in its tail into segments. */
  private sealEnded(log: RunLog): void {
    if (log.stored.state !== 'running' && log.stored.state !== 'paused') this.sealInTurn(log, 0);
  }

  private sealInTurn(log: RunLog, keep: number): void {
    const open = this.opened.get(log.stored.id);
    if (!open || open.sealing) return;
    open.sealing = this.seal(log, keep).catch(() => {}).then(() => void delete open.sealing);
  }

  private async seal(log: RunLog, keep: number): Promise<void> {
    while (log.tailRows > keep) {
      const plan = await log.exclusively(() => this.sealOne(log));
      if (!plan) return;
      await plan.kept;
      this.known.set(log.stored.id, plan.run);
      log.sealed(plan.through, plan.series);
    }
  }

  private async sealOne(log: RunLog) {
    const part = sealable(log.tail.slice(0, log.committed - log.base), this.options.segmentRows);
    if (!part || log.closed) return undefined;
    const { rows, lsn, counts, step } = part;
    const sealed = await Promise.all(rows.columns.map((column) => sealSeries(this.backing, log.stored.id, log.find(rows.attempt, column.metric)!.sealed, column, rows)));
    const series = sealed.map((each) => each.series);
    const segment = { no: log.segments, attempt: rows.attempt, lsn, step, counts };
    log.stored.sealed = lsn[1];
    log.segments += 1;
    const run = log.snapshot();
    return { run, series, through: lsn[1], kept: this.commits.commit({ type: 'seal', run, segment, rows, series, blocks: sealed.flatMap(({ blocks }) => blocks) }) };
  }

  /** Every run, with what is asked of its metrics: of runs in memory what they are now, of others what was sealed. */
  private async views(metrics: readonly string[]): Promise<RunView[]> {
    const { lostAfterMs, now } = this.options;
    const sealed = new Map<string, Map<string, StoredSeries[]>>();
    for (const metric of metrics) {
      const byRun = new Map<string, StoredSeries[]>();
      for (const { run, series } of await this.backing.seriesOf(metric)) {
        const attempts = byRun.get(run);
        if (attempts) attempts.push(series);
        else byRun.set(run, [series]);
      }
      sealed.set(metric, byRun);
    }
    const logs = new Map(await Promise.all([...this.opened].map(async ([id, { log }]) => [id, await log] as const)));
    const at = now();
    return [...this.known.values()].map((run) => ({
      run,
      state: stateAt(run, at, lostAfterMs),
      metric: (name) => summaryOf(logs.get(run.id)?.attemptsOf(name).map((live) => live.now) ?? sealed.get(name)?.get(run.id) ?? []),
    }));
  }

  /** A run in a list. One that is not in memory, and has nothing in the journal, stays out of it: what was sealed says all. */
  private async listed(run: StoredRun): Promise<RunDetail> {
    const { backing, options: { lostAfterMs, now } } = this;
    if (this.opened.has(run.id) || (await backing.journal(run.id)).length > 0) return this.detail(run.id);
    const lastNote = await backing.lastNote(run.id);
    const known = this.listedLast.get(run) ?? listedFrom(await backing.series(run.id));
    this.listedLast.delete(run);
    this.listedLast.set(run, known);
    if (this.listedLast.size > this.options.openRuns) this.listedLast.delete(this.listedLast.keys().next().value!);
    return describeRun({ ...run, attempt: Math.max(run.attempt, known.attempt) }, Math.max(run.sealed, lastNote), known.summary, now(), lostAfterMs);
  }

  private async detail(id: string): Promise<RunDetail> {
    const { lostAfterMs, now } = this.options;
    const detail = await this.using(id, (log) => describeRun(log.stored, log.committed, log.summary(), now(), lostAfterMs));
    return detail!;
  }

  /** Works on a run with its log in memory. @returns undefined where there is no such run */
  private async using<T>(id: string, work: (log: RunLog) => Promise<T> | T): Promise<T | undefined> {
    const stored = this.known.get(id);
    if (!stored) return undefined;
    const open = this.opened.get(id) ?? { log: RunLog.load(this.backing, stored), users: 0 };
    this.opened.delete(id);
    this.opened.set(id, open);
    open.users += 1;
    try {
      return await work(await open.log);
    } finally {
      open.users -= 1;
      if (this.opened.size > this.options.openRuns) this.closeIdle();
    }
  }

  /** Lets go of the run that was longest unused; what it has in its tail is kept already. */
  private closeIdle(): void {
    for (const [id, open] of this.opened) {
      if (open.users > 0 || open.sealing) continue;
      this.opened.delete(id);
      return;
    }
  }

  /** After a commit that failed, memory is ahead of what is kept: the runs are loaded again. */
  private forgetOpened(): void {
    for (const { log } of this.opened.values()) void log.then((each) => void (each.closed = true));
    this.opened.clear();
  }
}
