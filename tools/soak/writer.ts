import { encodePoints, formatPoints, pointsMediaType, stringify, type PointsBatch } from '@gradstream/protocol';
import type { Random } from './random.ts';

/** Point names are `metric step`: each is sent with one value only, so that a repeat shows. */
export type Points = Map<string, number>;

/**
 * Sends batches to one run, each again and again under its number until it is answered, and remembers every point that
 * was acknowledged.
 */
export class Writer {
  readonly acknowledged: Points = new Map();
  /** Answers that were no acknowledgement: refusals and broken connections. */
  failures = 0;
  private seq = 0;
  private step = 0;
  private stopped = false;

  /** @param ask instead of the platform's `fetch` */
  constructor(private readonly url: string, readonly run: string, private readonly name: string, private readonly random: Random, private readonly ask: typeof fetch = fetch) {}

  stop(): void {
    this.stopped = true;
  }

  /** Writes until it is stopped, then until the batch in hand is acknowledged. */
  async work(): Promise<void> {
    while (!this.stopped) {
      const batch = this.next();
      const frames = this.random() < 0.7;
      const body = frames ? encodePoints(batch) : stringify(formatPoints(batch));
      while (!(await this.send(body, frames ? pointsMediaType : 'application/json'))) await new Promise((resolve) => setTimeout(resolve, 5 + 30 * this.random()));
      for (const { metric, values } of batch.columns) values.forEach((value, i) => this.acknowledged.set(`${metric} ${batch.step[i]}`, value));
      if (this.random() < 0.02) await this.ask(`${this.url}/api/v1/runs/${this.run}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ tags: { [this.name]: String(this.seq) } }) }).catch(() => {});
    }
  }

  private next(): PointsBatch {
    this.seq += 1;
    const rows = 1 + Math.floor(this.random() ** 3 * 200);
    const first = this.step;
    this.step += rows;
    const value = (): number => (this.random() < 0.01 ? NaN : this.random());
    return {
      writer: this.name, seq: this.seq, attempt: 0, t0: 1.7e12 + first, step: Float64Array.from({ length: rows }, (_, i) => first + i), dt: new Float64Array(rows),
      columns: ['loss', 'accuracy'].map((metric) => ({ metric: `${this.name}/${metric}`, values: Float64Array.from({ length: rows }, value) })),
    };
  }

  private async send(body: BodyInit | Uint8Array, type: string): Promise<boolean> {
    const ok = await this.ask(`${this.url}/api/v1/runs/${this.run}/points`, { method: 'POST', headers: { 'content-type': type }, body: body as BodyInit, signal: AbortSignal.timeout(20_000) })
      .then(async (response) => (await response.text(), response.ok), () => false);
    if (!ok) this.failures += 1;
    return ok;
  }
}
