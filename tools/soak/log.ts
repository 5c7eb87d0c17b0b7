import { get } from 'node:http';
import { fromJsonNumber } from '@gradstream/protocol';

/** What a run's log holds, read from its beginning to its end. */
export interface LoggedPoints {
  /** Each point's values, in order: more than one means that it was stored again. */
  readonly values: ReadonlyMap<string, readonly number[]>;
  /** Positions that are missing or come twice, a sentence each. */
  readonly faults: readonly string[];
}

interface Line {
  readonly type: string;
  readonly lsn: readonly [number, number];
  readonly step?: readonly number[];
  readonly m?: Readonly<Record<string, readonly unknown[]>>;
}

export async function readLog(url: string, run: string): Promise<LoggedPoints> {
  const values = new Map<string, number[]>();
  const faults: string[] = [];
  let at = 0;
  for (const line of (await textOf(`${url}/api/v1/stream?run=${run}&format=ndjson&follow=0`)).split('\n').filter((text) => text !== '')) {
    const event = JSON.parse(line) as Line;
    if (event.type === 'hb') continue;
    if (event.lsn[0] !== at + 1) faults.push(`after position ${at} came ${event.lsn[0]}`);
    at = event.lsn[1];
    for (const [metric, column] of Object.entries(event.m ?? {})) {
      column.forEach((given, i) => {
        const value = fromJsonNumber(given);
        if (value === undefined) return;
        const name = `${metric} ${event.step![i]}`;
        values.set(name, [...(values.get(name) ?? []), value]);
      });
    }
  }
  return { values, faults };
}

const textOf = (url: string): Promise<string> => new Promise((resolve, reject) => {
  // A connection of its own: one kept from before may be closed by the server while the log read last is gone through.
  get(url, { agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => resolve(Buffer.concat(chunks).toString())).once('error', reject);
  }).once('error', reject);
});
