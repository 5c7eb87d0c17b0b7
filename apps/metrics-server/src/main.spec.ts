import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, reduce, Subject, takeWhile } from 'rxjs';
import { connect, points, publish, subscribe } from '@gradstream/client';
import type { RunEvent } from '@gradstream/protocol';

jest.setTimeout(60_000);

const dir = mkdtempSync(join(tmpdir(), 'gradstream-main-'));
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** The server as a process of its own, up and answering. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions', '@gradstream/source', join(__dirname, 'main.ts'), ...args], { cwd: join(__dirname, '../../..'), stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const said = { out: '', err: '' };
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => Number(code));
  await Promise.race([ended, new Promise<void>((resolve) => child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
    if (said.out.includes('\n')) resolve();
  }))]);
  return { child, said, ended };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

describe('the metrics server as a process', () => {
  it('has every step of a run exactly once, though it was killed three times while the run went on', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const args = ['--port', String(port), '--store', join(dir, 'killed')];
    let server = await start(...args);
    const total = 1500;
    const source = new Subject<RunEvent>();
    const published = publish(url, { run: 'r', flushMs: 5, retryMs: 20, onProblem: () => {} });
    source.pipe(published).subscribe();
    const seen = lastValueFrom(subscribe(url, { run: 'r', metric: 'train/loss', everyMs: 5 }).pipe(
      takeWhile((event) => !(event.type === 'state' && event.state === 'finished')),
      points(),
      reduce((steps, { step }) => [...steps, step], [] as number[]),
    ));
    for (let step = 0; step < total; step += 1) {
      source.next({ type: 'step', step, epoch: 0, index: step, batchesPerEpoch: total, size: 1, wall: Date.now(), metrics: { 'train/loss': 1 / (step + 1) }, hyper: { learningRate: 0.1 } });
      if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 4));
      if (step % 400 === 399) {
        server.child.kill('SIGKILL');
        await server.ended;
        server = await start(...args);
      }
    }
    source.complete();
    expect(await published.done).toEqual({ run: 'r', sent: 2 * total, refused: 0, unsent: 0 });
    expect(await seen).toEqual(Array.from({ length: total }, (_, step) => step));
    const curve = await connect(url).series('r', { metric: 'train/loss', points: total });
    expect(curve.step0).toEqual(Array.from({ length: total }, (_, step) => step));
    expect(await connect(url).run('r')).toMatchObject({ state: 'finished', duplicates: 0, conflicts: 0 });
    server.child.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.said.err).toBe('');
  });

  it('says one sentence and exits with 2 where the port is taken, or an option unknown', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const busy = await start('--port', String(port), '--store', join(dir, 'busy'));
    expect(await busy.ended).toBe(2);
    expect(busy.said.err).toBe(`serve: port ${port} on 127.0.0.1 is in use; choose another with --port, or stop what uses it\n`);
    taken.close();
    const unknown = await start('--prot', '1');
    expect(await unknown.ended).toBe(2);
    expect(unknown.said.err).toContain("Unknown option '--prot'");
  });
});
