import { lastValueFrom, tap } from 'rxjs';
import { key } from '@gradstream/numerics';
import { fromArrays } from '@gradstream/datasets';
import { unitFromBytes, useBackend } from '@gradstream/engine';
import { meanSquaredError } from '@gradstream/losses';
import { build, mlp } from '@gradstream/models';
import { sgd } from '@gradstream/optimizers';
import { batches, forward, loss, metrics, optimize, RUN } from '@gradstream/pipeline';
import { largestEigenvalue } from '../curvature/hessian.ts';
import { surfaceOf, type ModelSurface } from '../curvature/surface.ts';
import { study } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { readData, type TrainingOptions } from './training.ts';

export interface EdgeOptions extends Pick<TrainingOptions, 'data'> {
  readonly learningRate: number;
  readonly hidden: readonly number[];
  /** Steps times the learning rate. */
  readonly time: number;
}

/**
 * Cohen, Kaur, Li, Kolter and Talwalkar 2021: under full-batch gradient descent the top Hessian eigenvalue rises to 2 / lr and stays
 * there. The loss is half the squared error summed over the outputs: `meanSquaredError` times half the width, so gradient descent
 * on that at lr · width / 2 is the same run.
 */
export const edgeOfStability = study<EdgeOptions>('edge-of-stability', async ({ data: document, learningRate, hidden, time }, seed, parts) => {
  await useBackend();
  const given = allOf((await readData({ data: document }, seed, parts)).train);
  const width = given.targets.width;
  const unit = unitFromBytes(given.inputs as Uint8Array);
  const pixels = unit.length / given.size;
  const mean = new Float64Array(pixels);
  unit.forEach((value, i) => (mean[i % pixels] += value / given.size));
  const train = fromArrays({
    inputs: unit.map((value, i) => value - mean[i % pixels]), inputShape: [pixels],
    values: Array.from({ length: given.size }, (_, i) => Array.from({ length: width }, (_, c) => (given.targets.values[i] === c ? 1 : 0))),
  });
  const model = mlp({ hidden, activation: 'tanh' });
  const objective = meanSquaredError();
  const scale = width / 2;
  const steps = Math.round(time / learningRate);
  const probes = new Set(Array.from({ length: 12 }, (_, i) => Math.round(steps * (0.75 + (0.25 * i) / 12))));
  let surface: ModelSurface | undefined;
  let direction: Float64Array | undefined;
  const lambdas: number[] = [];
  let last = NaN;
  const run$ = batches(train, { size: given.size, steps, order: 'sequential', seed }).pipe(forward(model), loss(objective), optimize(sgd({ learningRate: learningRate * scale })), metrics());
  await lastValueFrom(run$.pipe(tap((event) => {
    last = scale * event.metrics['train/loss'];
    if (!probes.has(event.step)) return;
    const weights = event[RUN].trainer.weights();
    surface ??= surfaceOf(build(model, train.inputShape, width), objective, allOf(train), weights);
    const found = largestEigenvalue(surface, surface.pointOf(weights), { start: direction, iterations: direction ? 10 : 60, tolerance: 1e-3, key: key(seed) });
    direction = found.direction;
    lambdas.push(scale * found.value);
  })));
  surface?.dispose();
  const lambdaMax = lambdas.reduce((a, b) => a + b, 0) / lambdas.length;
  return { lambdaMax, ratio: (lambdaMax * learningRate) / 2, trainLoss: last };
});
