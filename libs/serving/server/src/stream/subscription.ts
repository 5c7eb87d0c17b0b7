import type { StreamEvent, StreamQuery } from '@gradstream/protocol';
import type { RunChange, RunStore } from '../run-store.ts';
import { wireForms } from './events.ts';
import { mostInCursor, type Hub, type Wanted } from './hub.ts';
import type { Sink } from './sink.ts';

/** Which runs a stream is about. */
export interface StreamSubject {
  /** Ids, or undefined for every run there is and will be. */
  readonly runs?: ReadonlySet<string>;
  /** Only runs of this project. */
  readonly project?: string;
}

/** Silence after which a stream says that it is alive. */
const heartbeatMs = 15_000;

/**
 * One open stream. It holds a position in each run's log and nothing else: a reader that is slow is simply further
 * back, and is read for from the log at its own pace.
 */
export class Subscription {
  /** Runs that may have something new. */
  private readonly due = new Set<string>();
  private readonly positions: Map<string, number>;
  private readonly several: boolean;
  private readonly wanted: Wanted;
  private busy = false;
  /** Whether the reader has not taken what it was sent: then it is sent nothing. */
  private behind = false;
  private open = true;
  private waitsForBeat = false;
  private readonly leave: () => void;
  private readonly alive: NodeJS.Timeout;

  /**
   * @param since the position after which each run is sent
   */
  constructor(
    private readonly store: RunStore,
    private readonly hub: Hub,
    private readonly sink: Sink,
    private readonly query: Pick<StreamQuery, 'metric' | 'event' | 'mode' | 'format' | 'follow' | 'every'>,
    private readonly of: StreamSubject,
    initial: Iterable<string>,
    since: ReadonlyMap<string, number>,
  ) {
    const filter = { metrics: query.metric, types: query.event, mode: query.mode };
    this.wanted = { filter, format: query.format, name: JSON.stringify([filter, query.format]) };
    this.positions = new Map(since);
    this.several = of.runs?.size !== 1;
    this.leave = hub.watch((change) => this.hear(change));
    this.alive = setInterval(() => this.behind || this.write(this.heartbeat()), heartbeatMs);
    this.alive.unref();
    sink.onClose(() => this.end());
    for (const run of initial) this.due.add(run);
    if (this.several && this.positions.size > mostInCursor) this.write(this.heartbeat());
    void this.flush();
  }

  end(): void {
    if (!this.open) return;
    this.open = false;
    this.leave();
    clearInterval(this.alive);
    this.sink.end();
  }

  /** Says that the stream is alive, and where each run stands. */
  private heartbeat(): string {
    return wireForms[this.query.format].write({ type: 'hb', now: Date.now(), lsn: Object.fromEntries(this.positions) });
  }

  private hear({ run, kind }: RunChange): void {
    if (this.of.runs && !this.of.runs.has(run)) return;
    if (kind === 'deleted') return this.dropped(run);
    if (this.of.project === undefined) return this.wake(run);
    void this.store.peek(run).then((peeked) => {
      if (peeked?.project === this.of.project) this.wake(run);
    });
  }

  private wake(run: string): void {
    this.due.add(run);
    if (this.busy || this.waitsForBeat) return;
    this.waitsForBeat = true;
    this.hub.onBeat(this.query.every, () => {
      this.waitsForBeat = false;
      void this.flush();
    });
  }

  private dropped(run: string): void {
    if (!this.positions.has(run) && !this.of.runs) return;
    const lsn = this.positions.get(run) ?? 0;
    this.due.delete(run);
    this.positions.delete(run);
    const event: StreamEvent = { type: 'deleted', run, lsn: [lsn, lsn] };
    this.write(wireForms[this.query.format].write(event));
  }

  private async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.open && this.due.size > 0) for (const run of this.due) await this.flushRun(run);
    } catch (error) {
      this.sink.fail(error);
    }
    this.busy = false;
    if (this.open && !this.query.follow) this.end();
  }

  /** Sends one piece of a run's log, and waits until the reader has taken it. */
  private async flushRun(run: string): Promise<void> {
    this.due.delete(run);
    const frame = await this.hub.frame(run, this.positions.get(run) ?? 0, this.wanted, this.several ? this.positions : undefined);
    if (!frame || !this.open) return;
    this.due.add(run);
    this.positions.set(run, frame.lsn);
    if (frame.bytes.length === 0 || this.write(frame.bytes)) return;
    this.behind = true;
    await this.sink.ready();
    this.behind = false;
  }

  private write(chunk: string | Buffer): boolean {
    return this.open && this.sink.write(chunk);
  }
}
