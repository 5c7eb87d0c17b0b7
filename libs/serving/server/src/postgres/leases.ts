import pg from 'pg';
import type { Database } from './database.ts';

/** ms between two looks at who else is there. */
const lookMs = 500;

/** Locks of this server, by number; the one after them says that a server is there. */
const lockKey = 'hashtext($1)';

/**
 * Shares numbers out among servers: each is held by one server at a time, each server holds about as many as the others.
 * A number is an advisory lock of one connection, so the numbers of a server that dies are free as soon as PostgreSQL
 * sees its connection end. It saves work and guards nothing: what two servers do at the same time is right, too.
 */
export class Leases {
  private readonly held = new Set<number>();
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param changed told which numbers are held, whenever that changes */
  constructor(private readonly database: Database, private readonly n: number, private readonly changed: (held: ReadonlySet<number>) => void) {
    void this.look();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => {});
  }

  private async look(): Promise<void> {
    const before = [...this.held].join();
    try {
      this.client ??= await this.join();
      await this.balance(this.client);
    } catch {
      this.held.clear();
      void this.client?.end().catch(() => {});
      this.client = undefined;
    }
    if (this.closed) return;
    if ([...this.held].join() !== before) this.changed(new Set(this.held));
    this.timer = setTimeout(() => void this.look(), lookMs);
  }

  private async join(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.database.config, statement_timeout: 5000, query_timeout: 5000 });
    client.on('error', () => {});
    await client.connect();
    // A machine that is gone without a word is noticed within a quarter of a minute.
    await client.query('SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 3; SET tcp_keepalives_count = 3');
    await client.query(`SELECT pg_advisory_lock_shared(${lockKey}, $2)`, [this.database.schema, this.n]);
    return client;
  }

  private async balance(client: pg.Client): Promise<void> {
    const { rows: [{ servers }] } = await client.query<{ servers: number }>(
      `SELECT count(*)::integer AS servers FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = $2 AND objsubid = 2
       AND classid::bigint = (${lockKey}::bigint + 4294967296) % 4294967296 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`, [this.database.schema, this.n]);
    const share = Math.ceil(this.n / Math.max(1, servers));
    for (const number of [...this.held].slice(share)) {
      this.held.delete(number);
      await client.query(`SELECT pg_advisory_unlock(${lockKey}, $2)`, [this.database.schema, number]);
    }
    const first = Math.floor(Math.random() * this.n);
    for (let i = 0; i < this.n && this.held.size < share; i += 1) {
      const number = (first + i) % this.n;
      if (this.held.has(number)) continue;
      const { rows: [{ mine }] } = await client.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}, $2) AS mine`, [this.database.schema, number]);
      if (mine) this.held.add(number);
    }
  }
}
