import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { newId } from '@gradstream/protocol';
import { defaultStoreDir } from '@gradstream/server';
import { progress } from '../run/progress.ts';
import { trainRun } from '../run/train-run.ts';
import { portOption } from './serve.ts';
import { specFor, stopOnSignal, summary, withTrainFlags, type TrainFlags } from './train.ts';

interface Flags extends TrainFlags {
  readonly port: number;
  readonly store: string;
  readonly control?: boolean;
}

/** A server in a process of its own, so that a busy training step does not slow a page down. */
async function startServer({ port, store, control }: Flags): Promise<{ url: string; child: ChildProcess }> {
  const child = fork(fileURLToPath(new URL('../main.js', import.meta.url)), ['serve', '--port', String(port), '--store', store, ...(control ? ['--control'] : [])], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return new Promise((resolve, reject) => {
    child.once('message', (message: { url: string }) => {
      child.stderr?.pipe(process.stderr);
      resolve({ url: message.url, child });
    });
    child.once('exit', (code) => reject(Object.assign(new Error(said.replace(/^gradstream: /, '').trim() || `the metrics server ended with code ${code}`), { name: code === 2 ? 'InputError' : 'Error' })));
  });
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

/** Resolves at the next Ctrl-C. */
const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });

export const startCommand = (): Command =>
  withTrainFlags(new Command('start').description('serve the viewer, train a run into it, and stay up (npm start)').argument('[run]', 'document or name; default digits'))
    .option('--port <n>', 'port; 0 takes a free one', portOption, 4319)
    .option('--store <dir>', 'folder of the store', defaultStoreDir())
    .option('--control', 'let the run be paused, stopped and changed from the page')
    .action(async (given: string | undefined, flags: Flags) => {
      const found = specFor(given, flags);
      const id = newId();
      const { url, child } = await startServer(flags);
      const shown = progress();
      const { stop$, release } = stopOnSignal();
      let stopped = false;
      stop$.subscribe(() => (stopped = true));
      shown.say(`Watch it: ${url}/?run=${id}`);
      try {
        const result = await trainRun({ ...found, dataDir: flags.dataDir, workers: flags.workers, server: url, run: id, out: flags.out, progress: shown, stop$ });
        shown.say(summary(result));
        shown.say(`The curves: ${url}/?run=${result.run}`);
        release();
        if (!stopped) {
          shown.say('The viewer stays up; Ctrl-C ends it.');
          await interrupted();
        }
      } finally {
        release();
        await ended(child);
      }
    });
