/** Entry of a thread that carries out cells. */
import { parentPort, workerData } from 'node:worker_threads';
import { carryOutHere, partsIn, type Answer } from './carry-out.ts';
import type { Publishing } from './published.ts';
import type { Cell } from './run-recipe.ts';

const port = parentPort!;
const { dataDir, publishing } = workerData as { readonly dataDir?: string; readonly publishing?: Publishing };
const parts = partsIn(dataDir);
port.on('message', (cell: Cell) => {
  carryOutHere(cell, parts, publishing).then(
    (done) => port.postMessage({ done } satisfies Answer),
    (error: unknown) => port.postMessage({ failed: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
});
