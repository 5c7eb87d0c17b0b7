import { firstValueFrom, toArray, type Observable } from 'rxjs';
import * as tf from '@tensorflow/tfjs-core';
import { blobs, spirals } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { accuracy, gradientNorm, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam, type Transformation } from '@gradstream/optimizers';
import { batches, evaluate, forward, loss, metrics, optimize, type BatchesOptions, type EvaluateOptions } from './index.ts';

/** 96 points to train on (3 batches of 32 an epoch), 24 to validate, 24 to test. */
export const data = blobs({ n: 144, validation: 24, test: 24, seed: 3 });
export const wavy = spirals({ n: 144, validation: 24, test: 24, seed: 3 });

export const onCpu = (): Promise<unknown> => useBackend({ backend: 'cpu' });

/** A small classifier, down to its step events. */
export const steps$ = (options: BatchesOptions = {}, optimizer: Transformation = adam({ learningRate: 1e-2 })) =>
  batches(data.train, { size: 32, epochs: 2, seed: 5, ...options }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(optimizer), metrics(accuracy(), gradientNorm()));

/** The same with evaluations. */
export const run$ = (options: BatchesOptions = {}, evaluation: EvaluateOptions = {}) => steps$(options).pipe(evaluate(data.validation, evaluation));

export const all = <T>(source$: Observable<T>): Promise<T[]> => firstValueFrom(source$.pipe(toArray()));

/** Tensors that exist now. */
export const tensors = (): number => tf.memory().numTensors;

/** An event without what differs between two equal runs. */
export const timeless = <E extends object>({ ...event }: E): object => {
  const plain = { ...event } as Record<string | symbol, unknown>;
  for (const key of ['wall', 'seconds', ...Object.getOwnPropertySymbols(plain)]) delete plain[key as string];
  return plain;
};
