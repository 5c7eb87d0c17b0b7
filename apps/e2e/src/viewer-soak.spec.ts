import { endAll, start } from './processes.ts';

const seconds = Number(process.env['SOAK_SECONDS'] ?? 60);

afterAll(endAll);
jest.setTimeout(240_000 + 4_000 * seconds);

interface Soak {
  readonly longTasks: number;
  readonly steps: number;
  readonly drawnPoints: number;
  readonly mainThreadMsPerFrame: number;
  readonly heapMegabytes: number;
  readonly megabytesPerMinute: { readonly objects: number };
}

describe('a minute of a hundred live runs in twelve panels', () => {
  it('has no task of the main thread over 50 ms of the processor, and holds under 80 MB without growing but for its points', async () => {
    const { code, stdout, stderr } = await start(['--import', 'tsx', 'benchmarks/run.ts', 'viewer', '--only', 'soak', '--seconds', String(seconds), '--json']).ended;
    expect([code, stderr.replace(/^npm warn.*$/gm, '').trim()]).toEqual([0, '']);
    const [soak] = (JSON.parse(stdout.trim().split('\n').at(-1)!) as { rows: readonly Soak[] }).rows;
    expect(soak).toMatchObject({ runs: 100, panels: 12, longTasks: 0 });
    expect(soak.steps).toBeGreaterThan(seconds / 20);
    expect(soak.drawnPoints).toBeGreaterThan(100 * 12 * 200);
    expect(soak.heapMegabytes).toBeLessThan(80);
    expect(soak.megabytesPerMinute.objects).toBeLessThan(1);
  });
});
