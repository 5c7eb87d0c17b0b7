import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { registriesIn } from '@gradstream/pipeline/node';
import { currentBackend, useBackend } from '@gradstream/engine';
import { studies } from '../studies.ts';
import type { Cell, Environment } from './run-recipe.ts';
import { findStudy, ownParts, withRecipeParts, type Measured, type StudyParts } from './study.ts';

/** Part of a cell's hash: a change of what studies compute makes older cells worthless. */
export const STUDIES_VERSION = '0.1.0-1';

export interface Done {
  readonly measured: Measured;
  readonly seconds: number;
}

/** The project's own parts, with data sets that lie in a folder. */
export const partsIn = (dataDir?: string): StudyParts => ({ ...ownParts, registries: withRecipeParts(registriesIn(dataDir)) });

/** Carries a cell out in this thread. */
export async function carryOutHere(cell: Cell, parts: StudyParts): Promise<Done> {
  await useBackend();
  const started = performance.now();
  const measured = await findStudy(studies, cell.study, cell.recipe).run(cell.options, cell.seed, parts);
  return { measured, seconds: (performance.now() - started) / 1000 };
}

export async function environmentHere(): Promise<Environment> {
  await useBackend();
  return { backend: currentBackend()!.name, version: STUDIES_VERSION, cores: cpus().length };
}

export type Answer = { readonly id: number } & ({ readonly done: Done } | { readonly failed: string });

/** Threads that carry cells out, one at a time each: the numbers are those of one thread, bit for bit. */
export function cellThreads(count: number, dataDir?: string): { carryOut(cell: Cell): Promise<Done>; close(): Promise<void> } {
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const pending = new Map<number, { resolve(done: Done): void; reject(error: Error): void }>();
  let next = 0;
  const release = (worker: Worker): void => {
    const first = waiting.shift();
    if (first) first(worker);
    else idle.push(worker);
  };
  const workers = Array.from({ length: count }, () => {
    const worker = new Worker(...entry(dataDir));
    worker.on('message', (answer: Answer) => {
      const { resolve, reject } = pending.get(answer.id)!;
      pending.delete(answer.id);
      release(worker);
      if ('done' in answer) resolve(answer.done);
      else reject(new Error(answer.failed));
    });
    worker.on('error', (error) => {
      for (const { reject } of pending.values()) reject(error);
    });
    release(worker);
    return worker;
  });
  return {
    async carryOut(cell) {
      const worker = idle.shift() ?? (await new Promise<Worker>((resolve) => waiting.push(resolve)));
      return new Promise((resolve, reject) => {
        pending.set(next, { resolve, reject });
        worker.postMessage({ id: next++, cell });
      });
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** The worker's file beside this one; from source it is TypeScript, which tsx loads. */
function entry(dataDir?: string): ConstructorParameters<typeof Worker> {
  const workerData = { dataDir };
  if (!import.meta.url.endsWith('.ts')) return [new URL('./cell-worker.js', import.meta.url), { workerData }];
  const source = JSON.stringify(new URL('./cell-worker.ts', import.meta.url).href);
  return [`import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`, { eval: true, workerData, execArgv: ['--conditions=@gradstream/source'] }];
}
