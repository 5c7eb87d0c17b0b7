import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Root of the checkout. */
export const root = join(__dirname, '..', '..', '..');
const cli = join(root, 'apps', 'cli', 'bin', 'gradstream.mjs');

/** What a finished command left. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process under test: its output so far, and its end. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Outcome>;
  /** Resolves with the first match in what it prints, from the start. */
  seen(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
}

const alive = new Set<ChildProcess>();

/** Starts a command with the checkout's Node. */
export function start(args: readonly string[], { cwd = root, env = {} }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Running {
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, GRADSTREAM_BUILT: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
    listeners.forEach((listener) => listener());
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
    listeners.forEach((listener) => listener());
  });
  const ended = new Promise<Outcome>((resolve) => child.on('close', (code) => {
    alive.delete(child);
    resolve({ code, stdout, stderr });
  }));
  const output = () => stdout + stderr;
  return {
    child,
    output,
    ended,
    seen: (pattern, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output());
          if (!match) return;
          listeners.delete(look);
          clearTimeout(timer);
          resolve(match);
        };
        const timer = setTimeout(() => reject(new Error(`${String(pattern)} was not printed in ${timeoutMs} ms; so far:\n${output()}`)), timeoutMs);
        void ended.then(() => {
          look();
          clearTimeout(timer);
          if (listeners.delete(look)) reject(new Error(`ended without printing ${String(pattern)}:\n${output()}`));
        });
        listeners.add(look);
        look();
      }),
  };
}

/** Starts `gradstream …`. */
export const gradstream = (...args: readonly string[]): Running => start([cli, ...args]);

/** Runs `gradstream … --json` to its end and reads the object of its last line. */
export async function result(...args: readonly string[]): Promise<Record<string, never> & { readonly run: string; readonly status: string; readonly steps: number; readonly metrics: Record<string, number>; readonly weightsSha256: string }> {
  const { code, stdout, stderr } = await gradstream(...args, '--json').ended;
  if (code !== 0) throw new Error(`gradstream ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** A metrics server in a process of its own, on a free port or the given one. */
export async function server(store: string, port = 0, ...flags: readonly string[]): Promise<Running & { readonly url: string }> {
  const running = gradstream('serve', '--port', String(port), '--store', store, ...flags);
  const [, url] = await running.seen(/at (http:\/\/127\.0\.0\.1:\d+)/);
  return { ...running, url };
}

const folders: string[] = [];

/** A folder of one's own, until `endAll`. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'gradstream-e2e-'));
  folders.push(dir);
  return dir;
}

/** Ends what is still running, and removes the folders. */
export function endAll(): void {
  alive.forEach((child) => child.kill('SIGKILL'));
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
}
