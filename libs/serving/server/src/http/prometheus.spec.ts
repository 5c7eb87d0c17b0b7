import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '../open-store.ts';
import { batchOf } from '../run-store.conformance.ts';
import { Tokens } from '../security/tokens.ts';
import { serve, type RunningServer } from '../serve.ts';

jest.setTimeout(60_000);
const installed = spawnSync('prometheus', ['--version']).status === 0;
const dir = mkdtempSync(join(tmpdir(), 'gradstream-prometheus-'));
let server: RunningServer | undefined;
let prometheus: ChildProcess | undefined;
afterAll(async () => {
  prometheus?.kill('SIGKILL');
  await server?.close();
  rmSync(dir, { recursive: true, force: true });
});

const freePort = (): Promise<number> => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address() as AddressInfo;
    probe.close(() => resolve(port));
  });
});

describe('Prometheus', () => {
  (installed ? it : it.skip)('scrapes the runs and the server with a token, and answers with their last values (skipped where Prometheus is not installed)', async () => {
    const tokens = new Tokens();
    const token = tokens.create({ name: 'prometheus', scopes: ['read'] });
    const store = await memoryStore();
    server = await serve({ store, port: 0, tokens });
    await store.put('r', { project: 'a "b"' });
    await store.append('r', batchOf(1, [0, 41], { 'train/loss': [1, 0.25], 'weird\\ "name"': [null, Infinity], nan: [1, NaN] }));
    const host = new URL(server.url).host;
    writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [
        { job_name: 'runs', metrics_path: '/api/v1/openmetrics', authorization: { credentials: token }, static_configs: [{ targets: [host] }] },
        { job_name: 'server', static_configs: [{ targets: [host] }] },
      ],
    }));
    const port = await freePort();
    prometheus = spawn('prometheus', [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], { stdio: 'ignore' });
    const ask = async (query: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?${new URLSearchParams({ query })}`).then((response) => response.json(), () => undefined) as { data?: { result: never[] } } | undefined;
      return answer?.data?.result ?? [];
    };
    const until = async (query: string) => {
      for (const end = Date.now() + 40_000; Date.now() < end;) {
        const found = await ask(query);
        if (found.length > 0) return found;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      throw new Error(`Prometheus has nothing for ${query}`);
    };
    await until('gradstream_server_requests_total');
    const values = Object.fromEntries((await until('gradstream_metric{run="r"}')).map(({ metric, value }) => [metric['metric'], value[1]]));
    expect(values).toEqual({ 'train/loss': '0.25', 'weird\\ "name"': '+Inf', nan: 'NaN' });
    expect((await ask('gradstream_step{metric="train/loss"}'))[0].value[1]).toBe('41');
    expect((await ask('up')).map(({ value }) => value[1])).toEqual(['1', '1']);
  });
});
