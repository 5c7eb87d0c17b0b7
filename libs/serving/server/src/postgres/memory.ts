import type { StoredRun } from '../backing/backing.ts';
import { RunLog } from '../log/run-log.ts';
import { storedRun, type PostgresReads, type RunRow } from './reads.ts';

/** A run's log in memory, and the turn that it stands at. */
export interface Held {
  readonly key: number;
  readonly log: RunLog;
  revision: number;
}

/** What is known of a run without its log. */
interface Known {
  readonly run: StoredRun;
  readonly revision: number;
  readonly head: number;
}

/** Runs in memory: of all what they say of themselves, of some the end of their logs. The tables have the last word. */
export class Memory {
  readonly known = new Map<string, Known>();
  readonly held = new Map<string, Held>();
  /** Runs that other servers changed, and that nobody here has looked at since. */
  readonly stale = new Set<string>();

  constructor(private readonly reads: PostgresReads, private readonly mostHeld: number) {}

  know(row: RunRow): StoredRun {
    const run = storedRun(row);
    this.stale.delete(row.id);
    this.known.set(row.id, { run, revision: row.revision, head: row.head });
    return run;
  }

  /** Brings a run's log to where its row stands: by what is new in it, or where segments changed, as a whole. */
  async bring(row: RunRow, view: PostgresReads): Promise<Held> {
    const held = this.held.get(row.id);
    if (held?.key === row.key && held.revision === row.revision) return this.use(row.id, held);
    const run = this.know(row);
    const same = held?.key === row.key && held.log.stored.sealed === run.sealed && held.log.stored.expired === run.expired;
    if (!same) return this.use(row.id, { key: row.key, log: await RunLog.load(this.reads, run, view), revision: row.revision });
    held.log.follow(run, await view.notes(row.id, held.log.head, Infinity), await view.journal(row.id, held.log.head));
    held.revision = row.revision;
    return this.use(row.id, held);
  }

  /** Takes note of a turn that was kept. */
  kept(id: string, held: Held): void {
    held.revision += 1;
    held.log.committed = held.log.head;
    this.known.set(id, { run: { ...held.log.stored }, revision: held.revision, head: held.log.head });
  }

  forget(id: string): void {
    this.stale.delete(id);
    this.known.delete(id);
    this.held.delete(id);
    this.reads.forgetBlocks();
  }

  /** Puts it last among those that may go. */
  private use(id: string, held: Held): Held {
    this.held.delete(id);
    this.held.set(id, held);
    if (this.held.size > this.mostHeld) this.held.delete(this.held.keys().next().value!);
    return held;
  }
}
