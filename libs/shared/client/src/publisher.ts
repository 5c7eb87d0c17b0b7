import { decodeAllPoints, encodePoints, newId, pointCount, pointsMediaType, stringify, type MetricValues, type Note, type RunPatch, type RunPut } from '@gradstream/protocol';
import type { Journal } from './journal.ts';
import { PointBuffer } from './point-buffer.ts';
import { backoffMs, Refused, request, serverUrl, Unavailable, type Connection } from './request.ts';
import { thin } from './thin.ts';

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
  /**
   * Bytes that may wait in memory while the server is away. Beyond them, batches wait in the journal alone; without one,
   * points are thinned to their extremes and NaN, which is said, counted, and noted in the run. Default 64 MiB.
   */
  readonly maxWaitingBytes?: number;
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
  /** Points (and texts, histograms, images) that were left out because the server was away for too long; absent where none were. */
  readonly thinned?: number;
}

/** ms of silence after which a run says that it is alive: a pause, a long step or a long evaluation is not its end. */
const beatMs = 20_000;

/** Rows in a batch, and bytes of batches in a request, at most. */
const rowsPerBatch = 2048;
const bytesPerRequest = 2 ** 19;

/** Something to be sent, in its turn. */
interface Parcel {
  readonly path: string;
  readonly method: 'POST' | 'PATCH';
  readonly type: string;
  /** What is sent; where it stands in the journal alone, what reads it. */
  readonly body: Uint8Array | string | (() => Uint8Array);
  readonly bytes: number;
  readonly points: number;
  /** Whether one of two may be left out when there is no room. */
  readonly spare?: boolean;
}

/** Batches that are thinned into one. */
const batchesPerThin = 16;

/**
 * Sends a run to a metrics server. `log` only notes the values; a loop beside it batches, sends in order, one batch at
 * a time, and tries again for as long as the server is away. A batch that was sent twice is stored once.
 */
export class Publisher {
  readonly run: string;
  private readonly base: string;
  private writer = newId();
  private seq = 0;
  private buffer = new PointBuffer();
  /** Buffers that are full, and wait to be packed off the caller's tick. */
  private full: PointBuffer[] = [];
  private parcels: Parcel[] = [];
  /** Parcels on their way, the first ones. */
  private underWay = 0;
  /** Points left out that the run was told of. */
  private told = 0;
  private counts = { sent: 0, refused: 0, waiting: 0, thinned: 0 };
  private created = false;
  private away = false;
  private endedAt: number | undefined;
  private closing: Promise<PublishReport> | undefined;
  private sending: Promise<void> | undefined;
  private packing: ReturnType<typeof setTimeout> | undefined;
  /** When the server was last told something. */
  private spoke = Date.now();
  private readonly beating: ReturnType<typeof setInterval>;
  private alone = false;
  private readonly flushMs: number;

  constructor(url: string, private readonly options: PublisherOptions = {}) {
    this.base = serverUrl(url, 'publish');
    this.flushMs = options.flushMs ?? 250;
    this.run = options.run ?? newId();
    for (const { bytes, points } of options.journal?.recovered ?? []) this.enqueue(bytes, points, bytes.length);
    this.soon(0);
    this.beating = setInterval(() => this.beat(), beatMs / 2);
    (this.beating as { unref?(): void }).unref?.();
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
    const body = stringify(note);
    this.parcels.push({ path: '/events', method: 'POST', type: 'application/json', body, bytes: body.length, points: 0, spare: ['text', 'histogram', 'image'].includes(note.type) });
    this.makeRoom();
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
    clearInterval(this.beating);
    this.pack();
    this.parcels.push({ path: '', method: 'PATCH', type: 'application/json', body: stringify(patch), bytes: 0, points: 0 });
    clearTimeout(this.packing);
    await this.sending;
    await this.send();
    const { sent, refused, waiting, thinned } = this.counts;
    await this.options.journal?.close(waiting === 0);
    return { run: this.run, sent, refused, unsent: waiting, ...(thinned > 0 ? { thinned } : {}) };
  }

  private beat(): void {
    if (this.parcels.length > 0 || Date.now() - this.spoke < beatMs) return;
    this.parcels.push({ path: '/heartbeat', method: 'POST', type: 'application/json', body: '', bytes: 0, points: 0 });
    if (this.packing === undefined) this.soon(0);
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
      const fromJournal = this.options.journal?.append(frame);
      this.enqueue(fromJournal && this.waitingBytes() + frame.length > this.most ? fromJournal : frame, pointCount(batch), frame.length);
    }
    this.makeRoom();
  }

  private enqueue(body: Parcel['body'], points: number, bytes: number): void {
    this.counts.waiting += points;
    this.parcels.push({ path: '/points', method: 'POST', type: pointsMediaType, body, bytes, points });
  }

  private get most(): number {
    return this.options.maxWaitingBytes ?? 64 * 2 ** 20;
  }

  /** Bytes of parcels in memory. */
  private waitingBytes(): number {
    return this.parcels.reduce((sum, { body, bytes }) => sum + (typeof body === 'function' ? 0 : bytes), 0);
  }

  /** Leaves out what can be missed most easily where more waits than there is room for. */
  private makeRoom(): void {
    if (this.waitingBytes() <= this.most) return;
    const before = this.counts.thinned;
    if (!this.options.journal) this.thinPoints();
    if (this.waitingBytes() > this.most) this.dropSpares();
    if (before === 0 && this.counts.thinned > 0) this.problem(`${this.base} is away for so long that there is no room for all points; of each metric the extremes, NaN and every few points are kept`);
  }

  /** Thins the batches that are not on their way yet. They get a writer of their own, whose numbers have no gap. */
  private thinPoints(): void {
    this.writer = newId();
    this.seq = 0;
    const head = this.parcels.slice(0, this.underWay);
    const rest: Parcel[] = [];
    let group: Parcel[] = [];
    const settle = (): void => {
      if (group.length === 0) return;
      this.seq += 1;
      const batch = thin(group.flatMap(({ body }) => decodeAllPoints(bytesOf(body) as Uint8Array).map((each) => each.batch)), { writer: this.writer, seq: this.seq, attempt: this.options.attempt ?? 0 });
      const [frame, points] = [encodePoints(batch), pointCount(batch)];
      const left = group.reduce((sum, parcel) => sum + parcel.points, 0) - points;
      this.counts.thinned += left;
      this.counts.waiting -= left;
      rest.push({ ...group[0], body: frame, bytes: frame.length, points });
      group = [];
    };
    for (const parcel of this.parcels.slice(this.underWay)) {
      if (parcel.points > 0) group.push(parcel);
      if (parcel.points === 0 || group.length === batchesPerThin) settle();
      if (parcel.points === 0) rest.push(parcel);
    }
    settle();
    this.parcels = [...head, ...rest];
  }

  /** Leaves out every other text, histogram and image. */
  private dropSpares(): void {
    let odd = false;
    this.parcels = this.parcels.filter(({ spare }, i) => {
      if (!spare || i < this.underWay) return true;
      odd = !odd;
      if (odd) this.counts.thinned += 1;
      return !odd;
    });
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
    const end = this.parcels.findIndex(({ points, bytes: mine }, i) => i > 0 && (this.alone || points === 0 || this.parcels[0].points === 0 || (bytes += mine) > bytesPerRequest));
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
    this.underWay = parcels.length;
    try {
      await this.request(method, path, type, parcels.length === 1 ? bytesOf(body) : new Blob(parcels.map((parcel) => bytesOf(parcel.body) as BlobPart)));
      this.counts.sent += points;
      if (this.away) this.problem(`the server is back${this.counts.thinned > 0 ? `; ${this.counts.thinned} points were left out while it was away` : ''}`);
      if (this.counts.thinned > this.told) this.tellThinned();
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
    } finally {
      this.underWay = 0;
    }
    this.alone = false;
    this.counts.waiting -= points;
    this.parcels.splice(0, parcels.length);
    for (const parcel of parcels) if (parcel.points > 0) this.options.journal?.acknowledge();
  }

  /** Puts into the run's log how many points it lacks. */
  private tellThinned(): void {
    this.told = this.counts.thinned;
    const body = stringify({ type: 'alert', wall: Date.now(), level: 'warning', title: `${this.told} points were left out while the server was away`, text: 'Of each metric the extremes, NaN and every few points are here.' } satisfies Note);
    this.parcels.push({ path: '/events', method: 'POST', type: 'application/json', body, bytes: body.length, points: 0 });
  }

  private async request(method: string, path: string, type: string, body: Uint8Array | string | Blob): Promise<void> {
    const response = await request(this.options, `${this.base}/api/v1/runs/${this.run}${path}`, { method, headers: { 'content-type': type }, body: body as BodyInit, signal: AbortSignal.timeout(30_000) });
    await response.arrayBuffer();
    this.spoke = Date.now();
  }

  private complain(error: unknown): void {
    if (!this.away) this.problem(`${this.base} does not answer (${error instanceof Error ? error.message : String(error)}); points are kept until it does`);
    this.away = true;
  }

  private problem(message: string): void {
    (this.options.onProblem ?? console.warn)(`publish: ${message}`);
  }
}

const bytesOf = (body: Parcel['body']): Uint8Array | string => (typeof body === 'function' ? body() : body);
