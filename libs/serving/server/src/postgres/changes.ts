import pg from 'pg';
import type { RunChange } from '../run-store.ts';
import { newId } from '@gradstream/protocol';
import type { Database } from './database.ts';

/** ms between two looks at what nobody was told of, and within which changes are told together. */
const lookMs = 2000;
const tellMs = 5;

/** Bytes that one message may have. */
const mostBytes = 7900;

/** What the changes of other servers are told to. */
export interface ChangeListener {
  heard(change: RunChange): void;
  /** Changes may have gone unheard: of runs that were heard of lately, or of all. */
  lookAround(everywhere: boolean): Promise<void>;
}

/**
 * Tells the other servers which runs changed, and hears it from them, by NOTIFY. It is a wake-up and nothing more: what
 * changed is read from the tables, so a message that is lost costs time and no points. It is sent after the commit, not
 * in it, since PostgreSQL lets only one transaction at a time commit that notifies.
 */
export class Changes {
  private readonly self = newId();
  private readonly channel: string;
  private untold = new Map<string, RunChange>();
  private telling: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private client: pg.Client | undefined;
  private closed = false;

  constructor(private readonly database: Database, private readonly listener: ChangeListener) {
    this.channel = `${database.schema}_changes`;
    void this.listen();
    this.lookLater();
  }

  /** Whether other servers are heard at the moment. */
  get listening(): boolean {
    return this.client !== undefined;
  }

  tell(change: RunChange): void {
    const before = this.untold.get(change.run);
    this.untold.set(change.run, before?.kind === 'created' && change.kind === 'log' ? before : change);
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      void this.send();
    }, tellMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.looking);
    clearTimeout(this.telling);
    await this.send();
    await this.client?.end().catch(() => {});
  }

  private async send(): Promise<void> {
    const changes = [...this.untold.values()];
    this.untold = new Map();
    let text = this.self;
    const messages: string[] = [];
    for (const { run, kind } of changes) {
      const line = `\n${kind} ${run}`;
      if (text.length + line.length > mostBytes) {
        messages.push(text);
        text = this.self;
      }
      text += line;
    }
    if (changes.length > 0) messages.push(text);
    // Where it cannot be sent, the others find out when they look around.
    for (const message of messages) await this.database.query('SELECT pg_notify($1, $2)', [this.channel, message]).catch(() => {});
  }

  private async listen(): Promise<void> {
    for (let pause = 100; !this.closed; pause = Math.min(2000, pause * 2)) {
      const client = new pg.Client(this.database.config);
      const ended = new Promise<void>((resolve) => client.once('end', () => resolve()).on('error', () => resolve()));
      try {
        await client.connect();
        client.on('notification', ({ payload = '' }) => this.hear(payload));
        await client.query(`LISTEN ${this.channel}`);
        this.client = client;
        await this.listener.lookAround(true);
        pause = 100;
        await ended;
      } catch {
        // Tried again below.
      }
      this.client = undefined;
      await client.end().catch(() => {});
      if (!this.closed) await new Promise((resolve) => setTimeout(resolve, pause).unref());
    }
  }

  private hear(payload: string): void {
    const [from, ...lines] = payload.split('\n');
    if (from === this.self) return;
    for (const line of lines) {
      const [kind, run] = line.split(' ');
      this.listener.heard({ run, kind: kind as RunChange['kind'] });
    }
  }

  private lookLater(): void {
    this.looking = setTimeout(() => void this.listener.lookAround(false).catch(() => {}).finally(() => {
      if (!this.closed) this.lookLater();
    }), lookMs).unref();
  }
}
