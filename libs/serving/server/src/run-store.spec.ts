import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileBacking } from './backing/file-backing.ts';
import { SqliteBacking } from './backing/sqlite-backing.ts';
import { LogStore } from './log/log-store.ts';
import { memoryStore } from './open-store.ts';
import { itIsARunStore } from './run-store.conformance.ts';

jest.setTimeout(180_000);

const dir = mkdtempSync(join(tmpdir(), 'gradstream-store-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(dir, `store-${(files += 1)}`);

describe('the store in memory', () => itIsARunStore({ create: async (segmentRows) => ({ store: await memoryStore({ segmentRows }) }) }));

describe('the store in a plain file', () => itIsARunStore({
  create: async (segmentRows) => {
    const file = newFile();
    const open = async () => LogStore.over(await FileBacking.open(file), { segmentRows });
    return { store: await open(), reopen: open };
  },
  expires: false,
}));

describe('the store in SQLite', () => itIsARunStore({
  create: async (segmentRows) => {
    const file = newFile();
    const open = async () => LogStore.over(await SqliteBacking.open(file, { thread: false }), { segmentRows, openRuns: 2 });
    return { store: await open(), reopen: open };
  },
}));
