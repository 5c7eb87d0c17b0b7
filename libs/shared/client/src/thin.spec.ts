import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeAllPoints, type PointsBatch } from '@gradstream/protocol';
import { fileJournal, journalFile } from './file-journal.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { thin } from './thin.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-thin-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const valuesOf = (batches: readonly PointsBatch[]): Map<number, number> => new Map(batches.flatMap(({ step, columns }) => columns.flatMap(({ at, values }) => Array.from(values, (value, i) => [step[at ? at[i] : i], value] as const))));
const batch = (seq: number, step: readonly number[], values: readonly number[]): PointsBatch => ({ writer: 'w', seq, attempt: 0, t0: 10 * seq, step: Float64Array.from(step), dt: Float64Array.from(step, (_, i) => i), columns: [{ metric: 'a', values: Float64Array.from(values) }] });

describe('thinning', () => {
  it('keeps every extreme and says of no point what it was not', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.double(), fc.constant(NaN)), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 30 }), (values, size) => {
      const batches: PointsBatch[] = [];
      for (let at = 0; at < values.length; at += size) batches.push(batch(batches.length + 1, values.slice(at, at + size).map((_, i) => at + i), values.slice(at, at + size)));
      let thinned = batches;
      for (let round = 0; round < 3; round += 1) thinned = [thin(thinned, { writer: 'x', seq: 1, attempt: 0 })];
      const kept = valuesOf(thinned);
      for (const [step, value] of kept) expect(value).toBe(values[step]);
      const numbers = values.filter((value) => !Number.isNaN(value));
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      if (numbers.length > 0) expect([...kept.values()]).toEqual(expect.arrayContaining([low, high].map((x) => (x === 0 ? expect.closeTo(0) : x))));
      expect([...kept.values()].some(Number.isNaN)).toBe(values.some(Number.isNaN));
      if (values.length >= 64) expect(kept.size).toBeLessThan(values.length);
    }));
  });
});

/** A server that is away until it is told to come back, and what came to it. */
function server() {
  const state = { up: false };
  const batches: PointsBatch[] = [];
  const notes: { type: string; title?: string; step?: number }[] = [];
  const fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    if (!state.up) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    if (String(input).endsWith('/points')) batches.push(...decodeAllPoints(new Uint8Array(await new Response(init!.body).arrayBuffer())).map((each) => each.batch));
    if (String(input).endsWith('/events')) notes.push(JSON.parse(init!.body as string));
    return new Response('{}');
  };
  return { state, batches, notes, fetch };
}

const steps = 60_000;
const valueAt = (n: number) => (n === 12_345 ? 999 : n === 23_456 ? -999 : n === 34_567 ? NaN : Math.sin(n / 100));

/** Logs for as long as a server could be away, then lets it come back. */
async function outage(options: Partial<PublisherOptions> = {}) {
  const { state, batches, notes, fetch } = server();
  const problems: string[] = [];
  const publisher = new Publisher('http://127.0.0.1:1', { run: 'r', fetch: fetch as typeof globalThis.fetch, flushMs: 1, retryMs: 1, maxWaitingBytes: 50_000, onProblem: (message) => problems.push(message), ...options });
  let most = 0;
  for (let n = 0; n < steps; n += 1) {
    publisher.log(n, { a: valueAt(n) }, undefined, 1000 + n);
    if (n % 2000 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    if (n % 20_000 === 0) for (let i = 0; i < 20; i += 1) publisher.note({ type: 'text', wall: 1, name: 'log', text: 'x'.repeat(200), step: i });
    most = Math.max(most, (publisher as unknown as { waitingBytes(): number }).waitingBytes());
  }
  state.up = true;
  const report = await publisher.end('finished');
  return { report, values: valuesOf(batches), notes, problems, most };
}

describe('a server that stays away for long', () => {
  it('costs bounded memory, and points but no extreme and no NaN; and everybody is told', async () => {
    const { report, values, notes, problems, most } = await outage();
    expect(most).toBeLessThan(4 * 50_000);
    expect(report).toMatchObject({ refused: 0, unsent: 0 });
    expect(report.thinned).toBeGreaterThan(steps / 4);
    expect(values.size).toBe(report.sent);
    expect([values.get(12_345), values.get(23_456), values.get(34_567)]).toEqual([999, -999, NaN]);
    for (const [n, value] of values) expect(value).toBe(valueAt(n));
    const texts = notes.filter(({ type }) => type === 'text').length;
    expect(report.sent + report.thinned!).toBe(steps + 60 - texts);
    expect(problems.filter((message) => message.includes('no room for all points'))).toHaveLength(1);
    expect(notes.filter(({ type }) => type === 'alert').at(-1)!.title).toBe(`${report.thinned} points were left out while the server was away`);
  });

  it('costs nothing but disk where there is a journal', async () => {
    const file = journalFile(dir, 'long');
    const { report, values, most } = await outage({ journal: fileJournal(file) });
    expect(report).toEqual({ run: 'r', sent: steps, refused: 0, unsent: 0, ...(report.thinned ? { thinned: expect.any(Number) } : {}) });
    expect(values.size).toBe(steps);
    expect(most).toBeLessThan(2 * 50_000);
    for (let n = 0; n < steps; n += 97) expect(values.get(n)).toBe(valueAt(n));
    expect(existsSync(file)).toBe(false);
  });
});
