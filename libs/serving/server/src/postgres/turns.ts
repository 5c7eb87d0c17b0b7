import type { RunLog } from '../log/run-log.ts';
import { Unavailable } from '../unavailable.ts';
import { codeOf, type Query } from './database.ts';
import type { Writes } from './writes.ts';

/** One thing to be done to a run in its turn. */
export interface Request<T = unknown> {
  readonly run: string;
  /** Makes the run where there is none. */
  readonly create?: boolean;
  /** Does it, in memory and among the writes; what it returns is the answer. */
  work(log: RunLog, writes: Writes, key: number, created: boolean): Promise<T> | T;
  /** Told once it is kept for good, before the next turn. */
  kept?(answer: T, log: RunLog): void;
}

interface Waiting {
  readonly request: Request;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** Requests that are done in one transaction. */
const mostAtOnce = 1000;

/** How often a turn is tried that PostgreSQL gave up for a race. */
const mostTries = 5;

/**
 * Does what is asked of runs one turn after another: all that came in meanwhile goes into the next turn, one transaction
 * and one wait for the disk. Runs are shared out among lanes, so that a wait is not everybody's.
 */
export class Lanes {
  private readonly lanes: Lane[];

  /** @param turn does requests in one transaction; the answers come in their order, undefined where there is no such run */
  constructor(n: number, turn: (requests: readonly Request[]) => Promise<readonly unknown[]>) {
    this.lanes = Array.from({ length: n }, () => new Lane(turn));
  }

  /** @returns undefined where there is no such run */
  do<T>(request: Request<T>): Promise<T | undefined> {
    return this.lane(request.run).do(request as Request) as Promise<T | undefined>;
  }

  /** Does something between two turns of a run. */
  between<T>(run: string, work: () => Promise<T>): Promise<T> {
    return this.lane(run).between(work);
  }

  async settled(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.between(async () => {})));
  }

  private lane(run: string): Lane {
    let hash = 0;
    for (let i = 0; i < run.length; i += 1) hash = (Math.imul(hash, 31) + run.charCodeAt(i)) >>> 0;
    return this.lanes[hash % this.lanes.length];
  }
}

class Lane {
  private waiting: Waiting[] = [];
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly turn: (requests: readonly Request[]) => Promise<readonly unknown[]>) {}

  do(request: Request): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.waiting.length === 1) void this.between(() => this.all());
    });
  }

  between<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.catch(() => {});
    return mine;
  }

  private async all(): Promise<void> {
    // What arrives in the same tick of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    const waiting = this.waiting;
    this.waiting = [];
    for (let at = 0; at < waiting.length; at += mostAtOnce) await this.some(waiting.slice(at, at + mostAtOnce));
  }

  private async some(waiting: readonly Waiting[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        const answers = await this.turn(waiting.map(({ request }) => request));
        return waiting.forEach(({ resolve }, i) => resolve(answers[i]));
      } catch (error) {
        if (isRace(error) && tries < mostTries) continue;
        // A request that cannot be done is not to take others with it; a database that is away does none.
        if (error instanceof Unavailable || waiting.length === 1) return waiting.forEach(({ reject }) => reject(error));
        for (const each of waiting) await this.some([each]);
        return;
      }
    }
  }
}

/** Serialization failure or deadlock: another try will do. */
const isRace = (error: unknown): boolean => error instanceof Unavailable && codeOf(error.cause).startsWith('40');

/** Locks the rows of runs against other servers, in one order for all. */
export const lockRuns = 'SELECT key, id, revision, head, heartbeat, duplicates, conflicts, record FROM run WHERE id = ANY($1) ORDER BY key FOR UPDATE';

/** Makes rows for runs that have none. @returns those that were made here and now */
export async function createRuns(query: Query, runs: readonly { readonly id: string; readonly heartbeat: number; readonly record: string }[]): Promise<ReadonlySet<string>> {
  const sorted = [...runs].sort((a, b) => (a.id < b.id ? -1 : 1));
  const made = await query<{ id: string }>('INSERT INTO run (id, heartbeat, record) SELECT * FROM unnest($1::text[], $2::double precision[], $3::text[]) ON CONFLICT (id) DO NOTHING RETURNING id',
    [sorted.map(({ id }) => id), sorted.map(({ heartbeat }) => heartbeat), sorted.map(({ record }) => record)]);
  return new Set(made.map(({ id }) => id));
}
