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
  /** What it last said of what went wrong. */
  complaint = '';

  private constructor(readonly url: string, readonly child: ChildProcess) {
    child.stderr?.on('data', (chunk: Buffer) => (this.complaint = chunk.toString().trim().slice(-500)));
  }

  /** Starts it, and waits until it answers. @throws with its last words where it ended before that */
  static async start({ port, store, fileLimit, flags = [] }: ServerOptions): Promise<ServerProcess> {
    const built = join('apps/metrics-server/dist/main.js');
    const program = existsSync(built) ? [built] : ['--conditions=@gradstream/source', '--import', 'tsx', 'apps/metrics-server/src/main.ts'];
    const args = [...program, '--port', String(port), '--store', store, ...flags];
    // With the signal ignored a write beyond the limit fails, as one on a full disk does.
    const child = fileLimit === undefined
      ? spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
      : spawn('sh', ['-c', `trap '' XFSZ; ulimit -f ${fileLimit * 2}; exec "$0" "$@"`, process.execPath, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new ServerProcess(`http://127.0.0.1:${port}`, child);
    for (let ended = false; !ended; ended = child.exitCode !== null || child.signalCode !== null) {
      if (await fetch(`${server.url}/health`).then(({ ok }) => ok, () => false)) return server;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the metrics server does not start: ${server.complaint}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** A port nobody listens at, from below those that systems give to outgoing connections: it must stay free between two starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(20_000 * Math.random());
    const probe = createServer().listen(port, '127.0.0.1');
    const free = await once(probe, 'listening').then(() => true, () => false);
    probe.close();
    if (free) return port;
  }
}
