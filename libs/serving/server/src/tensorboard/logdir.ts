import { open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isMetricName, newId } from '@gradstream/protocol';
import type { RunStore } from '../run-store.ts';
import { decodeScalars, encodeScalar, fileVersion, type ScalarEvent } from './event-file.ts';

/** Scalars in a batch. */
const perBatch = 10_000;

/** A run as an event file, piece by piece. Values are narrowed to float32, as the format has it. */
export async function* exportEventFile(store: RunStore, run: string): AsyncGenerator<Uint8Array> {
  const first = await store.run(run);
  yield fileVersion(first?.created ?? 0);
  for (let at = 0; ;) {
    const items = await store.read(run, at, 20_000);
    if (items.length === 0) return;
    at = items.at(-1)!.lsn[1];
    for (const item of items) {
      if (item.kind !== 'points') continue;
      for (const { metric: tag, values, at: rows } of item.columns) {
        for (let i = 0; i < values.length; i += 1) yield encodeScalar({ wall: item.wall[rows ? rows[i] : i], step: item.step[rows ? rows[i] : i], tag, value: values[i] });
      }
    }
  }
}

/**
 * Reads a TensorBoard log directory into a store: each folder with event files is a run. `read` can be called again and
 * takes in what was written since; what it saw before it does not read again.
 */
export class LogDir {
  private readonly places = new Map<string, number>();
  private readonly writer = newId();
  private readonly seqs = new Map<string, number>();

  constructor(private readonly store: RunStore, private readonly dir: string, private readonly project: string = 'tensorboard') {}

  /** @returns points that were new to the store */
  async read(): Promise<number> {
    let accepted = 0;
    const files = (await readdir(this.dir, { recursive: true })).filter((name) => /(^|[\\/])events\.out\.tfevents\./.test(name)).sort();
    for (const name of files) accepted += await this.readFile(join(this.dir, name));
    return accepted;
  }

  private async readFile(file: string): Promise<number> {
    const scalars = await this.fresh(file);
    if (scalars.length === 0) return 0;
    const run = runOf(relative(this.dir, file));
    if ((await this.store.peek(run)) === undefined) await this.store.put(run, { project: this.project, name: run });
    let accepted = 0;
    for (let at = 0; at < scalars.length; at += perBatch) accepted += await this.append(run, scalars.slice(at, at + perBatch));
    return accepted;
  }

  private async fresh(file: string): Promise<ScalarEvent[]> {
    const from = this.places.get(file) ?? 0;
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const bytes = new Uint8Array(Math.max(0, size - from));
      await handle.read(bytes, 0, bytes.length, from);
      const { scalars, end } = decodeScalars(bytes);
      this.places.set(file, from + end);
      return scalars.filter(({ tag, step }) => isMetricName(tag) && step >= 0);
    } finally {
      await handle.close();
    }
  }

  private async append(run: string, scalars: readonly ScalarEvent[]): Promise<number> {
    const seq = (this.seqs.get(run) ?? 0) + 1;
    this.seqs.set(run, seq);
    const rows = new Map<string, number[]>();
    scalars.forEach(({ tag }, i) => {
      const known = rows.get(tag);
      if (known) known.push(i);
      else rows.set(tag, [i]);
    });
    const answer = await this.store.append(run, {
      writer: this.writer, seq, attempt: 0, t0: scalars[0].wall,
      step: Float64Array.from(scalars, ({ step }) => step), dt: Float64Array.from(scalars, ({ wall }) => wall - scalars[0].wall),
      columns: Array.from(rows, ([metric, at]) => ({ metric, at: Uint32Array.from(at), values: Float64Array.from(at, (i) => scalars[i].value) })),
    });
    return answer!.accepted;
  }
}

/** A folder's place below the log directory as the id of a run. */
const runOf = (file: string): string => file.split(sep).slice(0, -1).join('-').replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[^A-Za-z0-9]+/, '').slice(0, 128) || 'logdir';
