import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { decodeAllPoints, encodePoints } from '@gradstream/protocol';
import { fileJournal, journalFile, pendingJournals } from './file-journal.ts';
import { Publisher } from './publisher.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-journal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const newFile = () => journalFile(dir, `run-${(files += 1)}`);
const frame = (seq: number) => encodePoints({ writer: 'w', seq, attempt: 0, t0: 0, step: Float64Array.of(seq), dt: new Float64Array(1), columns: [{ metric: 'a', values: Float64Array.of(seq / 7) }] });
const away = { run: 'r', flushMs: 1, retryMs: 1, giveUpAfterMs: 0, onProblem: () => {}, fetch: async () => { throw new TypeError('fetch failed'); } };

describe('fileJournal', () => {
  it('keeps what the server never got, and the next process sends it', async () => {
    const file = newFile();
    const first = new Publisher('http://127.0.0.1:1', { ...away, journal: fileJournal(file) });
    for (let n = 0; n < 5; n += 1) first.log(n, { a: n });
    expect(await first.end('stopped')).toMatchObject({ sent: 0, unsent: 5 });
    expect(pendingJournals(dir).find((each) => each.file === file)).toMatchObject({ points: 5 });
    const came: number[] = [];
    const fetch = async (_: unknown, init?: RequestInit) => {
      const body = new Uint8Array(await new Response(init!.body).arrayBuffer());
      if (init!.method === 'POST') for (const { batch } of decodeAllPoints(body)) came.push(...batch.columns[0].values);
      return new Response('{}');
    };
    const second = new Publisher('http://127.0.0.1:1', { ...away, fetch, journal: fileJournal(file) });
    second.log(5, { a: 5 });
    expect(await second.end('finished')).toMatchObject({ sent: 6, unsent: 0 });
    expect(came).toEqual([0, 1, 2, 3, 4, 5]);
    expect(existsSync(file)).toBe(false);
  });

  it('is cut back to its last whole frame, wherever it was torn', () => {
    const frames = [1, 2, 3].map(frame);
    const whole = Buffer.concat(frames);
    fc.assert(fc.property(fc.nat(whole.length), fc.uint8Array({ min: 1, maxLength: 40 }), (cut, rubbish) => {
      const file = newFile();
      writeFileSync(file, whole);
      truncateSync(file, cut);
      appendFileSync(file, rubbish);
      const journal = fileJournal(file);
      const kept = Math.floor(cut / frames[0].length);
      expect(journal.recovered.map(({ bytes }) => Buffer.from(bytes))).toEqual(frames.slice(0, kept).map((each) => Buffer.from(each)));
      journal.append(frame(9));
      expect(readFileSync(file)).toEqual(Buffer.concat([...frames.slice(0, kept), frame(9)]));
      void journal.close(true);
    }), { numRuns: 60 });
  });

  it('has every batch that was packed when its process is killed', async () => {
    const file = newFile();
    const script = `
      const { Publisher } = require('./publisher.ts');
      const { fileJournal } = require('./file-journal.ts');
      const publisher = new Publisher('http://127.0.0.1:1', { run: 'r', flushMs: 1, onProblem: () => {}, journal: fileJournal(${JSON.stringify(file)}) });
      let n = 0;
      setInterval(() => { for (let k = 0; k < 20; k += 1) publisher.log(n, { a: n++ }); if (n >= 400) process.kill(process.pid, 'SIGKILL'); }, 2);`;
    await new Promise((resolve) => execFile(process.execPath, ['--require', 'tsx/cjs', '--conditions', '@gradstream/source', '-e', script], { cwd: __dirname }, resolve));
    const steps = fileJournal(file).recovered.flatMap(({ bytes }) => decodeAllPoints(bytes).flatMap(({ batch }) => [...batch.step]));
    expect(steps.length).toBeGreaterThan(200);
    expect(steps).toEqual(steps.map((_, i) => i));
  });

  it('says loudly that it cannot be written', () => {
    const blocked = newFile();
    writeFileSync(blocked, '');
    expect(() => fileJournal(join(blocked, 'r.gsframes'))).toThrow(/EEXIST|ENOTDIR/);
  });
});
