import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ServerOptions {
  readonly port: number;
  readonly store: string;
  /** Largest file that it may write, in units of 1,024 bytes: what is beyond fails as on a full disk. */
  readonly fileLimit?: number;
  readonly flags?: readonly string[];
}

/** A metrics server in a process of its own. */
export class ServerProcess {
  private constructor(readonly url: string, readonly child: ChildProcess) {}

  /** Starts it, and waits until it answers; undefined where it ended before that. */
  static async start({ port, store, fileLimit, flags = [] }: ServerOptions): Promise<ServerProcess | undefined> {
    const built = join('apps/metrics-server/dist/main.js');
    const program = existsSync(built) ? [built] : ['--conditions=@gradstream/source', '--import', 'tsx', 'apps/metrics-server/src/main.ts'];
    const args = [...program, '--port', String(port), '--store', store, ...flags];
    // With the signal ignored a write beyond the limit fails, as one on a full disk does.
    const child = fileLimit === undefined
      ? spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore'] })
      : spawn('sh', ['-c', `trap '' XFSZ; ulimit -f ${fileLimit * 2}; exec "$0" "$@"`, process.execPath, ...args], { stdio: ['ignore', 'ignore', 'ignore'] });
    const server = new ServerProcess(`http://127.0.0.1:${port}`, child);
    for (let ended = false; !ended; ended = child.exitCode !== null || child.signalCode !== null) {
      if (await fetch(`${server.url}/health`).then(({ ok }) => ok, () => false)) return server;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return undefined;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
