import { cpus } from 'node:os';
import { registriesIn } from '@gradstream/pipeline/node';
import { currentBackend, useBackend } from '@gradstream/engine';
import { studies } from '../studies.ts';
import { threads } from '../threads.ts';
import { publishedParts, type Publishing } from './published.ts';
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

/** Carries a cell out in this thread; its runs are published where a server is named. */
export async function carryOutHere(cell: Cell, parts: StudyParts, publishing?: Publishing): Promise<Done> {
  await useBackend();
  const published = publishing && publishedParts(parts, cell, publishing);
  const started = performance.now();
  const measured = await findStudy(studies, cell.study, cell.recipe).run(cell.options, cell.seed, published?.parts ?? parts);
  const seconds = (performance.now() - started) / 1000;
  await published?.settled();
  return { measured, seconds };
}

export async function environmentHere(): Promise<Environment> {
  await useBackend();
  return { backend: currentBackend()!.name, version: STUDIES_VERSION, cores: cpus().length };
}

/** What a thread says of its cell. */
export type Answer = { readonly done: Done } | { readonly failed: string };

/** Threads that carry cells out, one at a time each: the numbers are those of one thread, bit for bit. */
export function cellThreads(count: number, { dataDir, publishing }: { readonly dataDir?: string; readonly publishing?: Publishing } = {}): { carryOut(cell: Cell): Promise<Done>; close(): Promise<void> } {
  const pool = threads('recipe/cell-worker', count, { dataDir, publishing });
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
