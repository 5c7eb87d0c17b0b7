import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const fromSource = import.meta.url.endsWith('.ts');

/**
 * Starts a thread from a module of this lib, named without its ending: its built form, or in a checkout its source.
 *
 * @returns undefined where the module does not stand beside this one: a bundler has put this lib into one file
 */
export function startWorker(module: string, workerData: unknown): Worker | undefined {
  if (!existsSync(new URL(`${module}${fromSource ? '.ts' : '.js'}`, import.meta.url))) return undefined;
  if (!fromSource) return new Worker(new URL(`${module}.js`, import.meta.url), { workerData });
  const paths = [createRequire(import.meta.url).resolve('tsx/cjs'), fileURLToPath(new URL(`${module}.ts`, import.meta.url))];
  return new Worker(paths.map((path) => `require(${JSON.stringify(path)});`).join('\n'), { eval: true, workerData, execArgv: ['--conditions', '@gradstream/source'] });
}
