import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from './open-store.ts';
import { batchOf, lines, readAll } from './run-store.conformance.ts';
import { checkStore, compactStore, exportRun, importRuns, repairStore } from './store-tools.ts';

jest.setTimeout(30_000);
const root = mkdtempSync(join(tmpdir(), 'gradstream-tools-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A store with two runs: one sealed, one not. */
async function filled(name: string): Promise<string> {
  const dir = join(root, name);
  const store = await openStore(dir, { segmentRows: 16 });
  for (const id of ['a', 'b']) {
    await store.put(id, { name: `run ${id}`, spec: { seed: 1 } });
    for (let i = 0; i < 60; i += 1) await store.append(id, batchOf(i + 1, [2 * i, 2 * i + 1], { loss: [i === 7 ? NaN : i, -i], rare: [null, i % 9 === 0 ? i : null] }));
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

  it('goes out as lines and comes in again, once', async () => {
    const from = await openStore(await filled('out'));
    const to = await openStore(join(root, 'in'));
    const text: string[] = [];
    for (const id of ['a', 'b']) for await (const line of exportRun(from, id)) text.push(line);
    expect(await importRuns(to, text)).toEqual({ runs: 2, points: 2 * 127 });
    expect(await importRuns(to, text)).toEqual({ runs: 2, points: 0 });
    const values = async (store: typeof from) => lines(await readAll(store, 'a')).filter((line) => line.includes(' ')).sort();
    expect(await values(to)).toEqual(await values(from));
    expect(await to.run('a')).toMatchObject({ name: 'run a', state: 'finished', spec: { seed: 1 }, conflicts: 0 });
    await expect(importRuns(to, ['{'])).rejects.toThrow('line 1: expected a JSON object, as the export writes it');
    await from.close();
    await to.close();
  });
});
