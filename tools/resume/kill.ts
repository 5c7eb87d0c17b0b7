/** Training runs in processes of their own that are killed at any moment and go on. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePictures } from './pictures.ts';

const here = join(process.cwd(), 'tools', 'resume');

/** What a run left: how long it took, and the digest of its weights where it ended. */
export interface Ended {
  readonly ms: number;
  readonly steps?: number;
  readonly weightsSha256?: string;
}

/** A document of this folder and the threads that make its batches. */
export interface Case {
  readonly name: string;
  readonly workers: number;
}

export const cases: readonly Case[] = [
  { name: 'every-image-change', workers: 2 },
  { name: 'every-random-layer', workers: 0 },
  { name: 'every-penalty', workers: 0 },
  { name: 'averages-of-a-table', workers: 2 },
  { name: 'residual-on-the-tape', workers: 1 },
];

/** The text of a case's document, its pictures written into `dir`. */
export function documentOf({ name }: Case, dir: string): string {
  const text = readFileSync(join(here, `${name}.yaml`), 'utf8');
  if (!text.includes('PICTURES')) return text;
  const pictures = join(dir, 'pictures');
  if (!existsSync(pictures)) writePictures(pictures);
  return text.replace('path: PICTURES', `path: ${JSON.stringify(pictures)}`);
}

/** Runs `gradstream train …` from source; kills it after `killAfterMs`. */
function train(args: readonly string[], killAfterMs?: number): Promise<Ended> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--conditions=@gradstream/source', '--import', 'tsx', join('apps', 'cli', 'src', 'main.ts'), 'train', ...args, '--no-server', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      const ms = performance.now() - started;
      if (code !== 0 && code !== null) return reject(new Error(`gradstream train ${args.join(' ')} ended with ${code}:\n${stderr}`));
      if (code === null) return resolve({ ms });
      const { weightsSha256, steps } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Required<Ended>;
      resolve({ ms, steps, weightsSha256 });
    });
  });
}

/** Carries a case out in folders below `dir`: whole, or killed and resumed as often as there are moments. */
export function carryOut(each: Case, dir: string) {
  mkdirSync(dir, { recursive: true });
  const document = join(dir, `${each.name}.yaml`);
  writeFileSync(document, documentOf(each, dir));
  const workers = ['--workers', String(each.workers)];
  const fresh = (out: string): string[] => [document, '--out', out, ...workers];
  return {
    whole: (): Promise<Ended> => {
      const out = join(dir, `${each.name}-whole`);
      rmSync(out, { recursive: true, force: true });
      return train(fresh(out));
    },
    /** Kills the run at each of these moments of its processes, resumes it, and lets it end. */
    killed: async (momentsMs: readonly number[]): Promise<Ended> => {
      const out = join(dir, `${each.name}-killed`);
      rmSync(out, { recursive: true, force: true });
      // Killed before its document was kept, it begins anew.
      const goOn = (killAfterMs?: number) => train(existsSync(join(out, 'run.yaml')) ? ['--resume', out, ...workers] : fresh(out), killAfterMs);
      for (const moment of momentsMs) await goOn(moment);
      return goOn();
    },
  };
}
