import { stringify, type Note, type RunDetail } from '@gradstream/protocol';
import type { RunChange, RunStore } from '../run-store.ts';
import type { HookEvent, Webhook } from './config.ts';
import { deliver, type Delivery } from './deliver.ts';
import type { Resolve } from './public-address.ts';

export interface WebhookOptions {
  /** ms before each further try; then it is given up. Default 1 s, 5 s, 30 s, 2 min, 10 min. */
  readonly retryMs?: readonly number[];
  /** Told when a hook cannot be reached for good. */
  readonly onError?: (message: string, error?: unknown) => void;
  /** Instead of the system's look-up of names. */
  readonly resolve?: Resolve;
}

const defaultRetryMs = [1000, 5000, 30_000, 120_000, 600_000];

/** Deliveries that wait for a hook, at most; longest waits that a hook may ask for; notes read at a time; runs remembered. */
const mostWaiting = 1000;
const longestWaitMs = 600_000;
const notesPerRead = 100;
const mostRuns = 10_000;

/**
 * Tells the operator's webhooks when runs finish, fail or raise an alert. In order for each hook, signed, tried again for
 * a quarter of an hour; what waits is in memory, so that a server that ends lets go of it.
 */
export class Webhooks {
  private readonly queues: readonly Queue[];
  /** Position in each run's log up to which it was read. */
  private readonly positions = new Map<string, number>();
  private turn: Promise<void> = Promise.resolve();
  private readonly leave: () => void;

  constructor(private readonly store: RunStore, hooks: readonly Webhook[], private readonly options: WebhookOptions = {}) {
    this.queues = hooks.map((hook) => new Queue(hook, options));
    this.leave = store.watch((change) => this.hear(change));
  }

  async close(): Promise<void> {
    this.leave();
    await this.turn;
    for (const queue of this.queues) queue.close();
  }

  private hear({ run, kind, after }: RunChange): void {
    if (kind === 'deleted') this.positions.delete(run);
    if (kind !== 'log') return;
    const known = this.positions.get(run);
    if (known === undefined) this.positions.set(run, after ?? 0);
    if (this.positions.size > mostRuns) this.positions.delete(this.positions.keys().next().value!);
    this.turn = this.turn.then(() => this.read(run)).catch((error: unknown) => this.options.onError?.('webhooks: a log could not be read', error));
  }

  private async read(run: string): Promise<void> {
    for (let more = true; more;) {
      const at = this.positions.get(run);
      const notes = at === undefined ? [] : ((await this.store.notes(run, at, notesPerRead)) ?? []);
      for (const { lsn, note } of notes) {
        this.positions.set(run, lsn[1]);
        const event = eventOf(note);
        if (event) await this.announce(run, lsn[1], event, note);
      }
      more = notes.length === notesPerRead;
    }
  }

  private async announce(run: string, lsn: number, event: HookEvent, note: Note): Promise<void> {
    const detail = await this.store.run(run);
    if (!detail) return;
    const delivery = { id: `${run}.${lsn}`, body: bodyOf(detail, event, note) };
    for (const queue of this.queues) if (queue.wants(event, detail.project)) queue.add(delivery);
  }
}

function eventOf(note: Note): HookEvent | undefined {
  if (note.type === 'alert') return 'run.alert';
  if (note.type !== 'state') return undefined;
  return ({ finished: 'run.finished', failed: 'run.failed', stopped: 'run.stopped' } as const)[note.state as 'finished'];
}

/** Standard Webhooks' envelope: what happened, when, and about what. */
function bodyOf({ id, name, project, state, reason, summary }: RunDetail, type: HookEvent, note: Note): string {
  const last = Object.fromEntries(Object.entries(summary).map(([metric, each]) => [metric, { last: each.last, step: each.step }]));
  return stringify({ type, timestamp: new Date(note.wall).toISOString(), data: { run: id, name, project, state, reason, ...(note.type === 'alert' ? { alert: note } : { metrics: last }) } });
}

/** What waits for one hook. */
class Queue {
  private readonly waiting: Delivery[] = [];
  private readonly ended = new AbortController();
  private busy = false;

  constructor(private readonly hook: Webhook, private readonly options: WebhookOptions) {}

  wants(event: HookEvent, project: string): boolean {
    return this.hook.events.includes(event) && (this.hook.project === undefined || this.hook.project === project);
  }

  add(delivery: Delivery): void {
    if (this.waiting.length >= mostWaiting) return this.complain(`${mostWaiting} deliveries wait already; ${delivery.id} is not sent`);
    this.waiting.push(delivery);
    if (!this.busy) void this.run();
  }

  close(): void {
    this.ended.abort();
  }

  private async run(): Promise<void> {
    this.busy = true;
    for (let next = this.waiting[0]; next && !this.ended.signal.aborted; next = this.waiting[0]) {
      await this.send(next);
      this.waiting.shift();
    }
    this.busy = false;
  }

  private async send(delivery: Delivery): Promise<void> {
    const { retryMs = defaultRetryMs, resolve } = this.options;
    for (let tries = 0; !this.ended.signal.aborted; tries += 1) {
      const outcome = await deliver(this.hook, delivery, this.ended.signal, resolve);
      if (outcome.type === 'delivered' || this.ended.signal.aborted) return;
      if (outcome.type === 'refused' || tries === retryMs.length) return this.complain(`${delivery.id} was not delivered: ${outcome.reason}${tries > 0 ? `, after ${tries + 1} tries` : ''}`);
      await this.pause(Math.min(longestWaitMs, outcome.retryAfterMs ?? retryMs[tries]));
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.ended.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      }, { once: true });
    });
  }

  private complain(message: string): void {
    this.options.onError?.(`webhook at ${new URL(this.hook.url).host}: ${message}`);
  }
}
