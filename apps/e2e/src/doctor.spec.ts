import { endAll, gradstream } from './processes.ts';

afterAll(endAll);

interface Report {
  readonly versions: Record<string, string>;
  readonly machine: { readonly threads: number };
  readonly backends: readonly { readonly name: string; readonly available: boolean; readonly detail: string }[];
  readonly layers: readonly { readonly name: string; readonly available: boolean; readonly detail: string }[];
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly error: number; readonly rate?: { readonly value: number } }[];
  readonly healthy: boolean;
}

describe('gradstream doctor', () => {
  test('says what there is, why the rest is not, and that the kernels compute what they should', async () => {
    const { code, stdout, stderr } = await gradstream('doctor', '--json').ended;
    expect([code, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as Report;
    expect(report.versions).toMatchObject({ node: process.versions.node, tfjs: '4.22.0', rxjs: '7.8.2' });
    expect(report.backends.map(({ name, available }) => [name, available])).toEqual([['wasm', true], ['webgl', false], ['cpu', true], ['webgpu', false]]);
    expect(report.backends[1].detail).toBe('there is no canvas here');
    expect(report.layers.filter(({ available }) => available).map(({ name }) => name)).toEqual(expect.arrayContaining(['plan+wasm', 'threads', 'tape+wasm', 'tape+cpu']));
    expect(report.checks.length).toBeGreaterThan(15);
    for (const { ok, error } of report.checks) {
      expect(ok).toBe(true);
      expect(error).toBeLessThan(2e-5);
    }
    expect(report.checks.find(({ name }) => name === 'products')!.rate!.value).toBeGreaterThan(0);
    expect(report.healthy).toBe(true);
  });

  test('prints a table for people', async () => {
    const { code, stdout } = await gradstream('doctor').ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^node \d+\.\d+\.\d+, gradstream \d/);
    expect(stdout).toMatch(/\+ plan\+wasm\s+\S/);
    expect(stdout).toMatch(/\+ products, strict\s+error \d\.\de-\d over \d+ shapes\s+\d+\.\d GFLOP\/s/);
  });
});
