import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePoints } from '@gradstream/protocol';
import { LogStore } from '../log/log-store.ts';
import { batchOf, lines, readAll } from '../run-store.conformance.ts';
import { readJournalFile, type JournalEntry } from './journal-file.ts';
import { Journal } from './journal.ts';
import { SqliteBacking } from './sqlite-backing.ts';

const root = mkdtempSync(join(tmpdir(), 'gradstream-journal-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
jest.setTimeout(30_000);

const entry = (lsn: number, run = 'r', rows = 3): JournalEntry => ({ run, lsn, frame: encodePoints(batchOf(lsn, Array.from({ length: rows }, (_, i) => lsn * rows + i), { a: Array.from({ length: rows }, Math.random) })) });
const places = (entries: readonly JournalEntry[]): string[] => entries.map(({ run, lsn }) => `${run} ${lsn}`);

describe('the journal', () => {
  it('gives back what it took, up to where a crash tore it', async () => {
    const prefix = join(root, 'torn-');
    const journal = new Journal(prefix, async () => {});
    await journal.append([entry(1), entry(1, 's')]);
    await journal.append([entry(2)]);
    const [file] = readdirSync(root).filter((name) => name.startsWith('torn-'));
    expect(places(await readJournalFile(join(root, file)))).toEqual(['r 1', 's 1', 'r 2']);
    expect(places(journal.of('r'))).toEqual(['r 1', 'r 2']);
    const bytes = readFileSync(join(root, file));
    const end = bytes.findLastIndex((byte) => byte !== 0);
    for (const at of [end, end - 60, end - 120, 5]) {
      writeFileSync(join(root, 'harmed'), bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      expect(places(await readJournalFile(join(root, 'harmed')))).toEqual(at === 5 ? [] : ['r 1', 's 1']);
    }
    copyFileSync(join(root, file), join(root, 'cut'));
    truncateSync(join(root, 'cut'), end - 60);
    expect(places(await readJournalFile(join(root, 'cut')))).toEqual(['r 1', 's 1']);
    await journal.leave();
  });

  it('moves what is not sealed when a file is full, and leaves no file behind', async () => {
    const moved: JournalEntry[] = [];
    const journal = new Journal(join(root, 'full-'), async (entries) => void moved.push(...entries));
    for (let lsn = 1; lsn <= 60; lsn += 1) {
      await journal.append([entry(lsn, 'r', 500), ...(lsn % 20 === 0 ? [entry(lsn, 'slow')] : [])]);
      journal.sealed('r', lsn - 3);
    }
    expect(readdirSync(root).filter((name) => name.startsWith('full-')).length).toBeLessThanOrEqual(3);
    await journal.drain();
    expect(readdirSync(root).filter((name) => name.startsWith('full-'))).toEqual([]);
    expect(places(moved).filter((place) => place.startsWith('slow'))).toEqual(['slow 20', 'slow 40', 'slow 60']);
    expect(places(moved).slice(-4)).toEqual(expect.arrayContaining(['r 58', 'r 59', 'r 60']));
    expect(moved.length).toBeLessThan(30);
    expect(journal.runs()).toEqual([]);
  });

  it('keeps what it could not move, and tries again', async () => {
    let fails = true;
    const moved: JournalEntry[] = [];
    const journal = new Journal(join(root, 'stuck-'), async (entries) => (fails ? Promise.reject(new Error('disk full')) : void moved.push(...entries)));
    const outcomes = [];
    for (let lsn = 1; lsn <= 60; lsn += 1) outcomes.push(await journal.append([entry(lsn, 'r', 500)]).then(() => lsn, () => undefined));
    const kept = outcomes.filter((lsn) => lsn !== undefined);
    expect(kept.length).toBeLessThan(60);
    expect(journal.of('r').map(({ lsn }) => lsn)).toEqual(kept);
    fails = false;
    await journal.append([entry(61)]);
    await journal.drain();
    expect(moved.map(({ lsn }) => lsn)).toEqual([...kept, 61]);
  });
});

describe('a SQLite store that died', () => {
  const steps = async (store: LogStore): Promise<number[]> => lines(await readAll(store, 'r', 2)).map((line) => Number(line.split(' ')[2]));

  /** The files of a store as a crash would leave them. */
  async function crashed(name: string, batches: number, segmentRows = 4096): Promise<string> {
    const file = join(root, name);
    const store = await LogStore.over(await SqliteBacking.open(file, { thread: false }), { segmentRows });
    await store.put('r', {});
    for (let seq = 1; seq <= batches; seq += 1) await store.append('r', batchOf(seq, [seq], { a: [seq] }));
    const copies = readdirSync(root).filter((each) => each.startsWith(name) && !each.endsWith('.lock'));
    for (const each of copies) copyFileSync(join(root, each), join(root, each.replace(name, `${name}-crashed`)));
    await store.close();
    return `${file}-crashed`;
  }

  it.each([['nothing', 4096], ['some of it', 8]])('has every point again, when %s was sealed', async (_, segmentRows) => {
    const file = await crashed(`died-${segmentRows}-`, 30, segmentRows);
    for (let start = 0; start < 2; start += 1) {
      const store = await LogStore.over(await SqliteBacking.open(file, { thread: false }), { segmentRows });
      expect(await steps(store)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
      expect(await store.append('r', batchOf(30, [30], { a: [30] }))).toMatchObject({ accepted: 0, duplicate: 1 });
      await store.close();
      expect(existsSync(`${file}.points-1`)).toBe(false);
    }
  });

  it('has every point once, when it died between taking over its journal and removing the file', async () => {
    const file = await crashed('twice-', 5);
    const journal = readFileSync(`${file}.points-1`);
    await (await SqliteBacking.open(file, { thread: false })).close();
    writeFileSync(`${file}.points-1`, journal);
    appendFileSync(`${file}.points-1`, 'rest');
    const store = await LogStore.over(await SqliteBacking.open(file, { thread: false }));
    expect(await steps(store)).toEqual([1, 2, 3, 4, 5]);
    await store.close();
  });

  it('does not bring points of a deleted run into the next one of its name', async () => {
    const file = join(root, 'deleted');
    const store = await LogStore.over(await SqliteBacking.open(file, { thread: false }));
    await store.put('r', {});
    for (let seq = 1; seq <= 5; seq += 1) await store.append('r', batchOf(seq, [seq], { a: [seq] }));
    await store.delete('r');
    await store.put('r', {});
    await store.append('r', batchOf(1, [100], { a: [1] }));
    for (const each of readdirSync(root).filter((name) => name.startsWith('deleted') && !name.endsWith('.lock'))) copyFileSync(join(root, each), join(root, `again-${each}`));
    await store.close();
    const again = await LogStore.over(await SqliteBacking.open(join(root, 'again-deleted'), { thread: false }));
    expect(await steps(again)).toEqual([100]);
    await again.close();
  });

  it('is for one process at a time', async () => {
    const file = join(root, 'one');
    const store = await SqliteBacking.open(file, { thread: false });
    await expect(SqliteBacking.open(file, { thread: false })).rejects.toThrow(`store: ${file} is open in another process, and only one can have it`);
    await store.close();
    await (await SqliteBacking.open(file, { thread: false })).close();
  });
});
