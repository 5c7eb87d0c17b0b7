import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { maxMetrics } from '../log/run-log.ts';
import { LogStore } from '../log/log-store.ts';
import { batchOf, lines, readAll } from '../run-store.conformance.ts';
import { SqliteBacking } from './sqlite-backing.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
jest.setTimeout(30_000);

describe('the SQLite store', () => {
  it('commits in a thread of its own', async () => {
    const file = join(dir, 'threaded');
    const store = await LogStore.over(await SqliteBacking.open(file), { segmentRows: 8 });
    await store.put('r', {});
    await Promise.all(Array.from({ length: 40 }, (_, i) => store.append('r', batchOf(i + 1, [i], { a: [i === 7 ? NaN : i] }))));
    await store.close();
    const again = await LogStore.over(await SqliteBacking.open(file), { segmentRows: 8 });
    expect(lines(await readAll(again, 'r', 2))).toHaveLength(40);
    await again.close();
  });

  it('lists runs that are not in memory as they are shown when they are', async () => {
    const file = join(dir, 'listed');
    const first = await LogStore.over(await SqliteBacking.open(file));
    for (const id of ['sealed', 'open']) {
      await first.put(id, { tags: { id } });
      await first.append(id, batchOf(1, [1, 2], { a: [NaN, 3], b: [Infinity, null] }));
      await first.append(id, batchOf(2, [1], { a: [7] }, { attempt: 2 }));
    }
    await first.patch('sealed', { state: 'finished' });
    await first.close();
    const store = await LogStore.over(await SqliteBacking.open(file), { openRuns: 1, now: () => 2e12 });
    const list = async () => (await store.runs()).runs;
    const shown = async () => Promise.all((await list()).map(({ id }) => store.run(id)));
    const cold = await list();
    expect(cold).toEqual(await list());
    expect(cold).toEqual(await shown());
    await store.append('sealed', batchOf(3, [5], { a: [9] }, { attempt: 2 }));
    await store.run('open');
    expect((await list()).find(({ id }) => id === 'sealed')).toMatchObject({ lsn: cold.find(({ id }) => id === 'sealed')!.lsn + 1, summary: { a: { count: 4, last: 9 } } });
    await store.close();
  });

  it('refuses the whole group when something in it cannot be kept, and goes on from what is kept', async () => {
    const backing = await SqliteBacking.open(join(dir, 'refused'));
    const store = await LogStore.over(backing);
    await store.put('r', {});
    const commit = backing.commit.bind(backing);
    let fails = true;
    backing.commit = (writes) => (fails ? Promise.reject(new Error('disk full')) : commit(writes));
    const attempts = [1, 2, 3].map((seq) => store.append('r', batchOf(seq, [seq], { a: [seq] })));
    expect((await Promise.allSettled(attempts)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await store.run('r'))!.lsn).toBe(2);
    fails = false;
    expect(await store.append('r', batchOf(1, [1], { a: [1] }))).toMatchObject({ lsn: 3, accepted: 1 });
    await store.close();
  });

  it('writes nothing for a batch of which every metric is one too many, and answers it alike when it comes again', async () => {
    const file = join(dir, 'too-many');
    const store = await LogStore.over(await SqliteBacking.open(file));
    await store.put('r', {});
    await store.append('r', batchOf(1, [1], Object.fromEntries(Array.from({ length: maxMetrics }, (_, i) => [`m${i}`, [i]]))));
    const before = await store.run('r');
    const commit = jest.spyOn(SqliteBacking.prototype, 'commit');
    const answer = await store.append('r', batchOf(2, [1], { late: [1] }));
    expect(answer).toMatchObject({ lsn: before!.lsn, accepted: 0, duplicate: 0, rejected: [{ metric: 'late' }] });
    expect(await store.append('r', batchOf(2, [1], { late: [1] }))).toEqual(answer);
    expect(commit).not.toHaveBeenCalled();
    commit.mockRestore();
    expect((await store.run('r'))!.summary).toBe(before!.summary);
    expect(await store.append('r', batchOf(2, [1], { m0: [0] }))).toMatchObject({ duplicate: 1 });
    await store.close();
  });

  it('refuses a file that is no store, or one of a later version', async () => {
    const text = join(dir, 'text');
    writeFileSync(text, 'hello '.repeat(1000));
    await expect(SqliteBacking.open(text)).rejects.toThrow(`store: ${text} is no SQLite file`);
    const other = join(dir, 'other');
    new Database(other).exec('CREATE TABLE t (x)').close();
    await expect(SqliteBacking.open(other)).rejects.toThrow(`store: ${other} is a SQLite file of something else`);
    const later = join(dir, 'later');
    await (await SqliteBacking.open(later, { thread: false })).close();
    const db = new Database(later);
    db.pragma('user_version = 99');
    db.close();
    await expect(SqliteBacking.open(later)).rejects.toThrow(/has version 99, and this server knows versions up to \d+$/);
  });
});
