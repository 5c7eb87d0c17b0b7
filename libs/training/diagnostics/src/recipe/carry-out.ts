import { cpus } from 'node:os';
import { registriesIn } from '@gradstream/pipeline/node';
import { currentBackend, useBackend } from '@gradstream/engine';
import { studies } from '../studies.ts';
import { threads } from '../threads.ts';
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

/** What a thread says of its cell. */
export type Answer = { readonly done: Done } | { readonly failed: string };

/** Threads that carry cells out, one at a time each: the numbers are those of one thread, bit for bit. */
export function cellThreads(count: number, dataDir?: string): { carryOut(cell: Cell): Promise<Done>; close(): Promise<void> } {
  const pool = threads('recipe/cell-worker', count, { dataDir });
  return {
    async carryOut(cell) {
      const worker = await pool.lend();
      try {
        return await new Promise<Done>((resolve, reject) => {
          worker.once('message', (answer: Answer) => ('done' in answer ? resolve(answer.done) : reject(new Error(answer.failed))));
          worker.once('error', reject);
          worker.postMessage(cell);
        });
      } finally {
        worker.removeAllListeners('message').removeAllListeners('error');
        pool.giveBack(worker);
      }
    },
    close: () => pool.close(),
  };
}
