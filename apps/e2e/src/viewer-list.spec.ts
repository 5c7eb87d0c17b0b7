import { endAll, start } from './processes.ts';

afterAll(endAll);
jest.setTimeout(600_000);

interface List {
  readonly runs: number;
  readonly longestTaskMs: Readonly<Record<'filter' | 'sort' | 'scroll' | 'group' | 'coordinates', number>>;
}

describe('ten thousand runs in the list', () => {
  it('are drawn as parallel coordinates without a task of the main thread over 50 ms of the processor', async () => {
    const { code, stdout, stderr } = await start(['--import', 'tsx', 'benchmarks/run.ts', 'viewer', '--only', 'list', '--json']).ended;
    expect([code, stderr.replace(/^npm warn.*$/gm, '').trim()]).toEqual([0, '']);
    const [list] = (JSON.parse(stdout.trim().split('\n').at(-1)!) as { rows: readonly List[] }).rows;
    expect(list.runs).toBe(10_000);
    expect(list.longestTaskMs.coordinates).toBeLessThan(50);
  });
});
