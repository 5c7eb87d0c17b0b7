import { encodePoints, newId, pointCount, pointsMediaType, stringify, type MetricValues, type Note, type RunPatch, type RunPut } from '@gradstream/protocol';
import type { Journal } from './journal.ts';
import { PointBuffer } from './point-buffer.ts';
import { backoffMs, Refused, request, serverUrl, Unavailable, type Connection } from './request.ts';

export interface PublisherOptions extends Connection {
  /** Id of the run. Default: a new one that sorts by time. */
  readonly run?: string;
  readonly name?: string;
  readonly project?: string;
  /** The run document. */
  readonly spec?: Record<string, unknown>;
  readonly tags?: Record<string, string>;
  /** What the run can be told while it trains; see `commands`. */
  readonly controls?: RunPut['controls'];
  /** 0, and one more each time the run is resumed. Default 0. */
  readonly attempt?: number;
  /** ms that a point waits for others before it is sent. Default 250: a request costs about as much as a step of a small model. */
  readonly flushMs?: number;
  /** ms before the first new try when the server is away; doubles with each, up to 5,000. Default 200. */
  readonly retryMs?: number;
  /** ms after the end of the run for which a server that is away is waited for. Default 30,000. */
  readonly giveUpAfterMs?: number;
  /** Keeps what was not sent yet, so that it outlives this process. See `@gradstream/client/node`. */
  readonly journal?: Journal;
  /** Told once when the server goes away, when it is back, and when it refuses something. Default: `console.warn`. */
  readonly onProblem?: (message: string) => void;
}

/** What became of a publisher's points. */
export interface PublishReport {
  readonly run: string;
  /** Points that the server has for good. */
  readonly sent: number;
  /** Points that the server would not have. */
  readonly refused: number;
  /** Points that are still here (and in the journal, where there is one), because the server stayed away. */
  readonly unsent: number;
}

/** Rows in a batch, and bytes of batches in a request, at most. */
const rowsPerBatch = 2048;
const bytesPerRequest = 2 ** 19;

/** Something to be sent, in its turn. */
interface Parcel {
  readonly path: string;
  readonly method: 'POST' | 'PATCH';
  readonly type: string;
  readonly body: Uint8Array | string;
  readonly points: number;
}

/**
 * Sends a run to a metrics server. `log` only notes the values; a loop beside it batches, sends in order, one batch at
 * a time, and tries again for as long as the server is away. A batch that was sent twice is stored once.
 */
export class Publisher {
  readonly run: string;
  private readonly base: string;
  private readonly writer = newId();
  private seq = 0;
  private buffer = new PointBuffer();
  /** Buffers that are full, and wait to be packed off the caller's tick. */
  private full: PointBuffer[] = [];
  private readonly parcels: Parcel[] = [];
  private counts = { sent: 0, refused: 0, waiting: 0 };
  private created = false;
  private away = false;
  private endedAt: number | undefined;
  private closing: Promise<PublishReport> | undefined;
  private sending: Promise<void> | undefined;
  private packing: ReturnType<typeof setTimeout> | undefined;
  private alone = false;
  private readonly flushMs: number;

  constructor(url: string, private readonly options: PublisherOptions = {}) {
    this.base = serverUrl(url, 'publish');
    this.flushMs = options.flushMs ?? 250;
    this.run = options.run ?? newId();
    for (const { bytes, points } of options.journal?.recovered ?? []) this.enqueue(bytes, points);
    this.soon(0);
  }

  /** Notes values at a step. */
  log(step: number, values: MetricValues, more?: MetricValues, wall: number = Date.now()): void {
    this.buffer.add(step, wall, values, more);
    if (this.buffer.rows >= rowsPerBatch) {
      this.full.push(this.buffer);
      this.buffer = new PointBuffer();
    }
    if (this.packing === undefined) this.soon(this.flushMs);
  }

  /** Notes anything else that belongs into the run's log. */
  note(note: Note): void {
    this.pack();
    this.parcels.push({ path: '/events', method: 'POST', type: 'application/json', body: stringify(note), points: 0 });
    if (this.packing === undefined) this.soon(0);
  }

  /**
   * Sends what is left, then the run's last state. Never rejects.
   *
   * @returns what became of the points, once all are sent or the server stayed away for too long
   */
  end(state: 'finished' | 'stopped' | 'failed', reason?: string): Promise<PublishReport> {
    this.closing ??= this.close({ state, ...(reason ? { reason } : {}) });
    return this.closing;
  }

  private async close(patch: RunPatch): Promise<PublishReport> {
    this.endedAt = Date.now();
    this.pack();
    this.parcels.push({ path: '', method: 'PATCH', type: 'application/json', body: stringify(patch), points: 0 });
    clearTimeout(this.packing);
    await this.sending;
    await this.send();
    const { sent, refused, waiting } = this.counts;
    await this.options.journal?.close(waiting === 0);
    return { run: this.run, sent, refused, unsent: waiting };
  }

  /** Packs in a while what was logged until then, and sends it. */
  private soon(ms: number): void {
    if (this.endedAt !== undefined) return;
    this.packing = setTimeout(() => {
      this.packing = undefined;
      this.pack();
      this.sending ??= this.send().finally(() => (this.sending = undefined));
    }, ms);
  }

  /** Makes batches of what was logged. */
  private pack(): void {
    for (const buffer of [...this.full.splice(0), this.buffer]) {
      const batch = buffer.take({ writer: this.writer, seq: this.seq + 1, attempt: this.options.attempt ?? 0 });
      if (!batch) continue;
      this.seq += 1;
      const frame = encodePoints(batch);
      this.options.journal?.append(frame);
      this.enqueue(frame, pointCount(batch));
    }
  }

  private enqueue(body: Uint8Array, points: number): void {
    this.counts.waiting += points;
    this.parcels.push({ path: '/points', method: 'POST', type: pointsMediaType, body, points });
  }

  /** Sends until nothing waits, or the run has ended and the server stayed away for too long. */
  private async send(): Promise<void> {
    for (let tries = 0; !this.created || this.parcels.length > 0;) {
      try {
        if (!this.created) await this.create();
        if (this.parcels.length > 0) await this.deliver(this.nextParcels());
        tries = 0;
      } catch (error) {
        this.complain(error);
        if (this.endedAt !== undefined && Date.now() - this.endedAt > (this.options.giveUpAfterMs ?? 30_000)) return;
        await new Promise((resolve) => setTimeout(resolve, (error instanceof Unavailable ? error.retryAfterMs : undefined) ?? backoffMs(tries, this.options.retryMs ?? 200, 5000)));
        tries += 1;
      }
    }
  }

  /** The parcels that go into the next request: batches of points go together, everything else alone. */
  private nextParcels(): readonly Parcel[] {
    let bytes = 0;
    const end = this.parcels.findIndex(({ points, body }, i) => i > 0 && (this.alone || points === 0 || this.parcels[0].points === 0 || (bytes += body.length) > bytesPerRequest));
    return this.parcels.slice(0, end < 0 ? undefined : end);
  }

  private async create(): Promise<void> {
    const { name, project, spec, tags, controls } = this.options;
    const body: RunPut = { name, project, spec, tags, controls, state: 'running' };
    try {
      await this.request('PUT', '', 'application/json', stringify(body));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.problem(`the server refuses the run: ${error.message}`);
    }
    this.created = true;
  }

  private async deliver(parcels: readonly Parcel[]): Promise<void> {
    const [{ method, path, type, body }] = parcels;
    const points = parcels.reduce((sum, parcel) => sum + parcel.points, 0);
    try {
      await this.request(method, path, type, parcels.length === 1 ? body : new Blob(parcels.map((parcel) => parcel.body as BlobPart)));
      this.counts.sent += points;
      if (this.away) this.problem('the server is back');
      this.away = false;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 404 && this.created) {
        this.created = false;
        throw new Unavailable(error.message);
      }
      if (parcels.length > 1) return void (this.alone = true);
      this.counts.refused += points;
      this.problem(`the server refuses ${points > 0 ? `${points} points` : 'a change of the run'}: ${error.message}`);
    }
    this.alone = false;
    this.counts.waiting -= points;
    this.parcels.splice(0, parcels.length);
    for (const parcel of parcels) if (parcel.points > 0) this.options.journal?.acknowledge();
  }

  private async request(method: string, path: string, type: string, body: Uint8Array | string | Blob): Promise<void> {
    const response = await request(this.options, `${this.base}/api/v1/runs/${this.run}${path}`, { method, headers: { 'content-type': type }, body: body as BodyInit, signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
  }

  private complain(error: unknown): void {
    if (!this.away) this.problem(`${this.base} does not answer (${error instanceof Error ? error.message : String(error)}); points are kept until it does`);
    this.away = true;
  }

  private problem(message: string): void {
    (this.options.onProblem ?? console.warn)(`publish: ${message}`);
  }
}
