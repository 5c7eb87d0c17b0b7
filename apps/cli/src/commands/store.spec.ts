import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parsePoints, pointsOf } from '@gradstream/protocol';
import { openStore, serve, Tokens } from '@gradstream/server';
import { storeCommand } from './store.ts';
import { tokenCommand, tokenFile } from './token.ts';

jest.setTimeout(60_000);
const root = mkdtempSync(join(tmpdir(), 'gradstream-store-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Carries a command out as the shell would; what it printed, and the sentence it ended with. */
async function run(command: Command, ...args: string[]): Promise<{ out: string; error?: string }> {
  let out = '';
  const spies = [jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)), jest.spyOn(process.stderr, 'write').mockImplementation(() => true)];
  for (const each of [command, ...command.commands]) each.exitOverride();
  try {
    await command.parseAsync(args, { from: 'user' });
    return { out };
  } catch (error) {
    return { out, error: (error as Error).message };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function filled(name: string): Promise<string> {
  const dir = join(root, name);
  const store = await openStore(dir, { segmentRows: 32, thread: false });
  for (const id of ['a', 'b']) {
    await store.put(id, { name: `run ${id}` });
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.append(id, parsePoints({ writer: 'w', seq: i + 1, t0: 1000 * i, step: { from: 10 * i, by: 1, n: 10 }, m: { loss: Array.from({ length: 10 }, (_, k) => (i === 3 && k === 3 ? 'NaN' : i + k)) } }))));
    await store.note(id, { type: 'text', wall: 1, name: 'log', text: 'half' });
  }
  await store.patch('a', { state: 'finished' });
  await store.close();
  return dir;
}

describe('gradstream store', () => {
  it('checks a store, and says what a torn page cost after repairing it', async () => {
    const dir = await filled('torn');
    expect(await run(storeCommand(), 'check', '--store', dir)).toEqual({ out: expect.stringContaining('2 runs, 400 points\n') });
    const file = join(dir, 'runs.sqlite');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 4096 - 100));
    const told = await run(storeCommand(), 'check', '--store', dir);
    expect(told.error).toMatch(/^store check: (one problem|\d+ problems) in .*; 'gradstream store repair' saves what can be read$/);
    expect((await run(storeCommand(), 'repair', '--store', dir)).error).toBeUndefined();
    expect(existsSync(`${file}.damaged`)).toBe(true);
    const after = await run(storeCommand(), 'check', '--json', '--store', dir);
    expect([after.error, JSON.parse(after.out)]).toEqual([undefined, expect.objectContaining({ runs: 2, problems: [] })]);
    expect((await run(storeCommand(), 'compact', '--store', dir)).out).toMatch(/^\d+\.\d MB before, \d+\.\d MB now\n$/);
  });

  it('exports runs to a file, and takes them in elsewhere, once', async () => {
    const dir = await filled('out');
    const file = join(root, 'runs.ndjson');
    const other = join(root, 'in');
    expect(await run(storeCommand(), 'export', '--store', dir, '--out', file)).toEqual({ out: '' });
    expect(await run(storeCommand(), 'import', file, '--store', other)).toEqual({ out: '2 runs, 400 points new\n' });
    expect(await run(storeCommand(), 'import', file, '--store', other)).toEqual({ out: '2 runs, 0 points new\n' });
    const again = join(root, 'again.ndjson');
    await run(storeCommand(), 'export', '--store', other, '--out', again);
    const content = (path: string) => readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line)).flatMap((event) => (event.type === 'points' ? pointsOf(event) : event.type === 'text' ? [event.text] : []));
    expect(content(again)).toEqual(content(file));
  });

  it.each([
    [['check', '--store', join(root, 'none')], `store: there is no folder ${join(root, 'none')}`],
    [['import', join(root, 'none.ndjson')], `store: there is no file ${join(root, 'none.ndjson')}`],
    [['export', 'nobody', '--store', root], `store: there is no run 'nobody' in ${root}`],
  ])('%j ends with a sentence', async (args, sentence) => {
    expect((await run(storeCommand(), ...args)).error).toBe(sentence);
  });
});

describe('gradstream token', () => {
  it('makes, lists and revokes tokens that a running server hears of', async () => {
    const dir = await filled('tokens');
    const server = await serve({ store: await openStore(dir), port: 0, tokens: new Tokens(tokenFile(dir)), requireToken: true });
    const status = async (token?: string) => (await fetch(`${server.url}/api/v1/runs`, { headers: token ? { authorization: `Bearer ${token}` } : {} })).status;
    const soon = () => new Promise((resolve) => setTimeout(resolve, 1100));
    try {
      const token = (await run(tokenCommand(), 'create', '--name', 'ada', '--scope', 'read', 'write', '--project', 'default', '--expires', '30d', '--requests-per-second', '50', '--store', dir)).out.trim();
      expect(token).toMatch(/^gs_[0-9a-f]{12}_/);
      await soon();
      expect([await status(), await status(token)]).toEqual([401, 200]);
      const [listed] = (await run(tokenCommand(), 'list', '--json', '--store', dir)).out.trim().split('\n').map((line) => JSON.parse(line));
      expect(listed).toMatchObject({ name: 'ada', scopes: ['read', 'write'], project: 'default', limits: { requestsPerSecond: 50 } });
      expect(listed.expires - listed.created).toBeCloseTo(30 * 86_400_000, -3);
      expect((await run(tokenCommand(), 'list', '--store', dir)).out).toContain('ada  read,write  default');
      expect(readFileSync(tokenFile(dir), 'utf8')).not.toContain(token.slice(token.indexOf('_', 3) + 1));
      expect(await run(tokenCommand(), 'revoke', listed.id, '--store', dir)).toEqual({ out: `revoked ${listed.id}\n` });
      await soon();
      expect(await status(token)).toBe(401);
      expect((await run(tokenCommand(), 'revoke', listed.id, '--store', dir)).error).toContain(`there is no token '${listed.id}'`);
      expect((await run(tokenCommand(), 'create', '--name', 'x', '--scope', 'everything', '--store', dir)).error).toContain("Allowed choices are read, write, control, admin");
      expect((await run(tokenCommand(), 'create', '--name', 'x', '--expires', 'never', '--store', dir)).error).toBe("--expires must be a time like 90s, 15m, 12h or 30d, received 'never'");
    } finally {
      await server.close();
    }
  });
});
