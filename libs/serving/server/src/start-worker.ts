import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const fromSource = import.meta.url.endsWith('.ts');

/**
 * Starts a thread from a module of this lib, named without its ending: its built form, or in a checkout its source.
 */
export function startWorker(module: string, workerData: unknown): Worker {
  if (!fromSource) return new Worker(new URL(`${module}.js`, import.meta.url), { workerData });
  const paths = [createRequire(import.meta.url).resolve('tsx/cjs'), fileURLToPath(new URL(`${module}.ts`, import.meta.url))];
  return new Worker(paths.map((path) => `require(${JSON.stringify(path)});`).join('\n'), { eval: true, workerData, execArgv: ['--conditions', '@gradstream/source'] });
}
