/** Memory of a process over many runs: each trains another network on digits, with dropout, evaluations and a diagnostic beside it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, merge, share } from 'rxjs';
import { digits } from '@gradstream/datasets';
import { curvature, population, probe } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import { batches, epochs, evaluate, forward, loss, metrics, optimize } from '@gradstream/pipeline';

export interface MemoryAt {
  readonly runs: number;
  readonly tensors: number;
  /** MB that JavaScript and its buffers hold after a collection; the backend's heap counts as a buffer. */
  readonly heldMb: number;
  /** MB of the process. */
  readonly rssMb: number;
}

/** Runs one after another; memory after every tenth part of them. */
export async function memoryOverRuns(runs: number): Promise<MemoryAt[]> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await useBackend({ backend: 'wasm' });
  const { train, validation } = await digits();
  const run = (seed: number) => {
    const run$ = batches(train, { size: 64, epochs: 2, seed }).pipe(
      forward(mlp({ hidden: [32], dropout: 0.2 })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-3 })), metrics(accuracy()), evaluate(validation!, { every: epochs(1) }), share(),
    );
    return merge(run$, run$.pipe(probe(curvature(train), { every: epochs(1) })));
  };
  const seen: MemoryAt[] = [];
  const every = Math.max(1, Math.round(runs / 10));
  for (let done = 0; done < runs; done += every) {
    await lastValueFrom(population(run, Array.from({ length: every }, (_, i) => done + i)));
    collect();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    seen.push({ runs: done + every, tensors: tf.memory().numTensors, heldMb: (heapUsed + arrayBuffers) / 2 ** 20, rssMb: rss / 2 ** 20 });
  }
  return seen;
}

/** MB that are held more at the end than after the first runs, which fill every cache: the least of the last three readings over the least of three early ones, since a reading may hold garbage but never too little. */
export function growthOf(seen: readonly MemoryAt[]): number {
  const held = seen.map(({ heldMb }) => heldMb);
  return Math.min(...held.slice(-3)) - Math.min(...held.slice(2, 5));
}
