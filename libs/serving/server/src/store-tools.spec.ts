import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from './open-store.ts';
import { batchOf, lines, readAll } from './run-store.conformance.ts';
import { checkStore, compactStore, exportRun, importRuns, repairStore } from './store-tools.ts';

jest.setTimeout(120_000);
const root = mkdtempSync(join(tmpdir(), 'gradstream-tools-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A store with two runs: one sealed, one not. */
async function filled(name: string): Promise<string> {
  const dir = join(root, name);
  const store = await openStore(dir, { segmentRows: 16, thread: false });
  for (const id of ['a', 'b']) {
    await store.put(id, { name: `run ${id}`, spec: { seed: 1 } });
    await Promise.all(Array.from({ length: 60 }, (_, i) => store.append(id, batchOf(i + 1, [2 * i, 2 * i + 1], { loss: [i === 7 ? NaN : i, -i], rare: [null, i % 9 === 0 ? i : null] }))));
    await store.note(id, { type: 'alert', wall: 5, level: 'info', title: 'half' });
  }
  await store.patch('a', { state: 'finished' });
  await store.close();
  return dir;
}

describe('a store', () => {
  it('that is whole passes its check, and is smaller after runs are deleted and it is compacted', async () => {
    const dir = await filled('whole');
    expect(await checkStore(dir)).toMatchObject({ runs: 2, points: 2 * (120 + 7), problems: [] });
    const store = await openStore(dir);
    await store.delete('a');
    await store.close();
    const { before, after } = await compactStore(dir);
    expect(after).toBeLessThanOrEqual(before);
    expect(await checkStore(dir)).toMatchObject({ runs: 1, problems: [] });
  });

  it('that was harmed is told from one that was not, and what can be read is saved', async () => {
    const dir = await filled('harmed');
    const db = new Database(join(dir, 'runs.sqlite'));
    db.exec("DELETE FROM segment WHERE run = (SELECT key FROM run WHERE id = 'a') AND no = 1");
    db.close();
    const report = await checkStore(dir);
    expect(report.problems.some((problem) => /^run a: positions \d+ to \d+ are missing$/.test(problem))).toBe(true);
    expect(report.problems.every((problem) => problem.startsWith('run a'))).toBe(true);
    const repaired = await repairStore(dir);
    expect(repaired).toMatchObject({ runs: 2, problems: [] });
    expect(repaired.points).toBeGreaterThan(127 + 60);
    expect(existsSync(join(dir, 'runs.sqlite.damaged'))).toBe(true);
  });

  it.each(['chunk', 'note', 'series_metric'])('of which a page of %s was torn is told from a whole one, and saved but for that', async (table) => {
    const dir = await filled(`torn ${table}`);
    const file = join(dir, 'runs.sqlite');
    const db = new Database(file);
    const { rootpage } = db.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(table) as { rootpage: number };
    const size = Number(db.pragma('page_size', { simple: true }));
    db.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, (rootpage - 1) * size, rootpage * size));
    expect((await checkStore(dir)).problems.length).toBeGreaterThan(0);
    const { runs, points, problems } = await repairStore(dir);
    expect(runs).toBe(2);
    if (table !== 'chunk') expect(points).toBe(2 * 127);
    expect(problems).toEqual(table === 'series_metric' ? [] : [`table ${table}: not every row can be read (database disk image is malformed)`]);
    expect((await checkStore(dir)).problems).toEqual([]);
  });

  it('that ends in the middle is told, and one whose beginning is gone is refused with a sentence', async () => {
    const dir = await filled('cut');
    const file = join(dir, 'runs.sqlite');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length / 8192) * 4096 + 100));
    expect((await checkStore(dir)).problems.length).toBeGreaterThan(0);
    await repairStore(dir);
    expect((await checkStore(dir)).problems).toEqual([]);
    writeFileSync(file, bytes.subarray(0).fill(7, 0, 4096));
    expect((await checkStore(dir)).problems).toEqual([`store: ${file} is no SQLite file`]);
    await expect(repairStore(dir)).rejects.toThrow(`store: ${file} is damaged where it says what is in it, so that nothing of it can be read`);
  });

  it('goes out as lines and comes in again, once', async () => {
    const from = await openStore(await filled('out'));
    const to = await openStore(join(root, 'in'));
    const text: string[] = [];
    for (const id of ['a', 'b']) for await (const line of exportRun(from, id)) text.push(line);
    expect(await importRuns(to, text)).toEqual({ runs: 2, points: 2 * 127 });
    const before = (await to.run('b'))!.lsn;
    expect(await importRuns(to, text)).toEqual({ runs: 2, points: 0 });
    expect((await to.run('b'))!.lsn).toBe(before);
    expect(lines(await readAll(to, 'b')).filter((line) => line === 'alert')).toHaveLength(1);
    const [was, is] = [await from.run('b'), await to.run('b')];
    expect([is!.created, is!.heartbeat]).toEqual([was!.created, was!.heartbeat]);
    const values = async (store: typeof from) => lines(await readAll(store, 'a')).filter((line) => line.includes(' ')).sort();
    expect(await values(to)).toEqual(await values(from));
    expect(await to.run('a')).toMatchObject({ name: 'run a', state: 'finished', spec: { seed: 1 }, conflicts: 0 });
    await expect(importRuns(to, ['{'])).rejects.toThrow('line 1: expected a JSON object, as the export writes it');
    await from.close();
    await to.close();
  });
});
