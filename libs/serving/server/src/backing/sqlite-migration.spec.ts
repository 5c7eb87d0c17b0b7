import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openStore } from '../open-store.ts';
import { lines, readAll } from '../run-store.conformance.ts';
import { checkStore } from '../store-tools.ts';

const dir = mkdtempSync(join(tmpdir(), 'gradstream-migration-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
jest.setTimeout(30_000);

describe('a SQLite file of version 1', () => {
  it('is brought up to date when it is opened, with every point, note and curve in it', async () => {
    writeFileSync(join(dir, 'runs.sqlite'), gunzipSync(readFileSync(join(__dirname, 'fixtures/version-1.sqlite.gz'))));
    const store = await openStore(dir);
    expect((await store.runs()).runs.map(({ id, state, summary }) => [id, state, summary['train/loss'].count])).toEqual([['open', 'lost', 40], ['sealed', 'finished', 1000]]);
    expect(lines(await readAll(store, 'sealed', 0, 500))).toHaveLength(3 + 1000 + 1);
    expect(await store.series('sealed', { metric: 'train/loss', points: 10, axis: 'step', scale: 'linear' })).toMatchObject({ max: expect.arrayContaining([99]), nan: expect.arrayContaining([1]) });
    await store.set('is there', 'now');
    expect(await store.setting('is there')).toBe('now');
    await store.close();
    expect(await checkStore(dir)).toMatchObject({ runs: 2, points: 1040, problems: [] });
  });
});
