/** The metrics server and its peers as processes of their own, and what they take of the processor. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Running {
  readonly url: string;
  readonly child: ChildProcess;
}

const children: ChildProcess[] = [];
export const agent = new Agent({ keepAlive: true, maxSockets: 4 });

export function killAll(): void {
  for (const child of children) child.kill('SIGKILL');
}

export const installed = (command: string): boolean => spawnSync('which', [command]).status === 0;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

async function start(command: string, args: (port: number) => readonly string[], health: string, env: (port: number) => Record<string, string> = () => ({})): Promise<Running> {
  const port = await freePort();
  const child = spawn(command, args(port), { stdio: 'ignore', env: { ...process.env, ...env(port) } });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 600; i += 1) {
    if (await fetch(url + health).then((response) => response.ok, () => false)) return { url, child };
    await pause(20);
  }
  throw new Error(`${command} does not answer`);
}

export const startOurs = (store: string, flags: readonly string[] = []): Promise<Running> =>
  start(process.execPath, (port) => ['apps/metrics-server/dist/main.js', '--port', String(port), '--store', store, '--streams', '5000', '--streams-per-address', '5000', ...flags], '/health');

export const startVictoriaMetrics = (root: string): Promise<Running> =>
  start('victoria-metrics', (port) => [`-storageDataPath=${join(root, 'vm')}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=1200', '-search.maxPointsPerTimeseries=100000'], '/health');

export async function startInflux(root: string): Promise<Running> {
  const rpc = await freePort();
  const server = await start('influxd', () => [], '/ping', (port) => ({
    INFLUXDB_HTTP_BIND_ADDRESS: `127.0.0.1:${port}`, INFLUXDB_BIND_ADDRESS: `127.0.0.1:${rpc}`, INFLUXDB_DATA_DIR: join(root, 'influx/data'), INFLUXDB_META_DIR: join(root, 'influx/meta'), INFLUXDB_DATA_WAL_DIR: join(root, 'influx/wal'), INFLUXDB_REPORTING_DISABLED: 'true', INFLUXDB_HTTP_LOG_ENABLED: 'false',
  }));
  await send(`${server.url}/query?q=CREATE%20DATABASE%20bench`, 'text/plain', '');
  return server;
}

/** Ends a server in good order, so that everything it holds is on the disk. */
export async function stop({ child }: Running): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}

/** Seconds of processor time that a process has used, to the microsecond: what the kernel counts for each of its threads. */
export function cpuSeconds({ child }: Running): number {
  const threads = `/proc/${child.pid}/task`;
  return readdirSync(threads).reduce((sum, thread) => sum + Number(readFileSync(join(threads, thread, 'schedstat'), 'utf8').split(' ')[0]) / 1e9, 0);
}

/** Memory of a process, in MB. */
export const residentMegabytes = ({ child }: Running): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1024;

/** Waits until a process has left the processor alone for a second and a half. @returns the processor time it has used by then */
export async function settled(server: Running): Promise<number> {
  for (let [before, quiet, waited] = [cpuSeconds(server), 0, 0]; ; waited += 1) {
    await pause(250);
    const now = cpuSeconds(server);
    quiet = now - before < 0.02 ? quiet + 1 : 0;
    before = now;
    if (quiet === 6 || waited === 60) return now;
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const send = (url: string, type: string, body: Uint8Array | string, method = 'POST'): Promise<string> => new Promise((resolve, reject) => {
  const call = request(url, { method, agent, headers: { 'content-type': type, 'content-length': Buffer.byteLength(body) } }, (response) => {
    let text = '';
    response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => (response.statusCode! < 300 ? resolve(text) : reject(new Error(`${url}: ${response.statusCode} ${text}`))));
  });
  call.once('error', reject);
  call.end(body);
});

/** Milliseconds until the whole answer is there. */
export const timed = (url: string): Promise<number> => new Promise((resolve, reject) => {
  const began = performance.now();
  get(url, { agent }, (response) => response.on('data', () => {}).on('end', () => (response.statusCode! < 300 ? resolve(performance.now() - began) : reject(new Error(`${url}: ${response.statusCode}`))))).once('error', reject);
});

export const begin = ({ url }: Running, run: string): Promise<string> => send(`${url}/api/v1/runs/${run}`, 'application/json', '{}', 'PUT');
