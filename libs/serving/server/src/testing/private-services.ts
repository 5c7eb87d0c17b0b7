import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';

/** A server of somebody else's, started for a test on a free port with its files in a folder of its own. */
export interface PrivateService {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, or what the service itself calls its fastest end. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Ends it, and removes its files. */
  remove(): Promise<void>;
}

/** Where a program is: on the path, or in a folder that Debian uses. */
function program(name: string, ...folders: readonly string[]): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...folders].map((dir) => join(dir, name)).find((path) => existsSync(path));
}

const debianPostgres = (): string[] => (existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`) : []);

/** Whom PostgreSQL's server runs as: this user, or when that is root, whom it refuses, the user `postgres`. */
function postgresUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return { uid: process.getuid!(), gid: process.getgid!() };
  const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, 'postgres']).stdout.toString().trim());
  return uid === '' ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Whether a PostgreSQL server can be had here. */
export const hasPostgres = (): boolean => program('initdb', ...debianPostgres()) !== undefined && postgresUser() !== undefined;

/** Whether a NATS server can be had here. */
export const hasNats = (): boolean => program('nats-server') !== undefined;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Whether something takes connections at a port. */
async function takesConnections(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  const open = await once(socket, 'connect').then(() => true, () => false);
  socket.destroy();
  return open;
}

/** Whether a PostgreSQL server does; while it starts it takes connections only to refuse them. */
async function takesStatements(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'gradstream', database: 'postgres' });
  client.on('error', () => {});
  const ready = await client.connect().then(() => true, () => false);
  await client.end().catch(() => {});
  return ready;
}

async function untilReady(isReady: () => Promise<boolean> | boolean, ended: Promise<unknown>): Promise<void> {
  let dead = false;
  void ended.then(() => (dead = true));
  for (const until = Date.now() + 20_000; Date.now() < until && !dead;) {
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it does not answer');
}

/** A process that can be killed and started again. */
async function service(url: string, dir: string, launch: () => ChildProcess, isReady: () => Promise<boolean> | boolean, kill: (child: ChildProcess) => void): Promise<PrivateService> {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const onExit = (): void => void child?.kill('SIGKILL');
  const start = async (): Promise<void> => {
    child = launch();
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    ended = once(child, 'exit');
    await untilReady(isReady, ended).catch((error: unknown) => {
      throw new Error(`${url}: ${error instanceof Error ? error.message : String(error)}; it said ${said}`);
    });
  };
  const end = async (): Promise<void> => {
    if (child?.exitCode === null && child.signalCode === null) kill(child);
    await ended;
  };
  process.once('exit', onExit);
  await start();
  return {
    url,
    get pid() {
      return child!.pid!;
    },
    start,
    kill: end,
    remove: async () => {
      process.off('exit', onExit);
      await end();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * A PostgreSQL server of its own.
 *
 * @param settings lines for its configuration
 */
export async function privatePostgres(settings: readonly string[] = []): Promise<PrivateService> {
  const bin = program('initdb', ...debianPostgres())!.replace(/\/initdb$/, '');
  const user = postgresUser()!;
  const dir = mkdtempSync(join(tmpdir(), 'gradstream-postgres-'));
  const data = join(dir, 'data');
  chmodSync(dir, 0o755);
  mkdirSync(data);
  chownSync(data, user.uid, user.gid);
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'gradstream', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'], { cwd: dir, ...user });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr.toString()}`);
  const port = await freePort();
  writeFileSync(join(data, 'postgresql.auto.conf'), [`port = ${port}`, "listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", ...settings].join('\n'));
  // SIGQUIT is its immediate shutdown, an end without any writing; SIGKILL would leave its shared memory behind.
  return service(`postgres://gradstream@127.0.0.1:${port}/postgres`, dir, () => spawn(join(bin, 'postgres'), ['-D', data], { cwd: dir, ...user, stdio: ['ignore', 'ignore', 'pipe'] }),
    () => takesStatements(port), (child) => child.kill('SIGQUIT'));
}

/** A NATS server of its own with JetStream, its streams in files. */
export async function privateNats(): Promise<PrivateService> {
  const dir = mkdtempSync(join(tmpdir(), 'gradstream-nats-'));
  const port = await freePort();
  return service(`nats://127.0.0.1:${port}`, dir, () => spawn(program('nats-server')!, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir], { stdio: ['ignore', 'ignore', 'pipe'] }), () => takesConnections(port), (child) => child.kill('SIGKILL'));
}
