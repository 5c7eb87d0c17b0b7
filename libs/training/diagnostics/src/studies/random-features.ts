import * as tf from '@tensorflow/tfjs-core';
import { fold, key, normals, sizeOf, type Examples } from '@gradstream/numerics';
import { partition } from '@gradstream/datasets';
import { feedInputs, useBackend } from '@gradstream/engine';
import { solvePositive } from '../linear-algebra.ts';
import { study } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { readData, type TrainingOptions } from './training.ts';

export interface RandomFeatureOptions extends Pick<TrainingOptions, 'data'> {
  /** Training examples. */
  readonly examples: number;
  /** Test examples: the first ones. */
  readonly tested: number;
  /** ReLU features of a random projection with deviation 1 / 28. */
  readonly features: number;
}

/**
 * Belkin, Hsu, Ma and Mandal 2019: least squares of minimum norm on random features. Test error peaks where there are as many
 * features as examples, and falls again beyond. Solved in float64 through the smaller Gram matrix, with a ridge of 1e-10 of its
 * mean diagonal (rounding of the float32 features is larger).
 */
export const doubleDescent = study<RandomFeatureOptions>('random-features', async ({ data: document, examples: n, tested, features: p }, seed, parts) => {
  await useBackend();
  const data = await readData({ data: document }, seed, parts);
  const train = allOf(partition(data.train, { subset: n, seed }).train);
  const test = allOf(data.test, tested);
  const d = sizeOf(data.train.inputShape);
  const projection = normals(fold(key(seed), 'projection'), d * p).map((z) => z / 28);
  const featuresOf = (examples: Examples): Float32Array => tf.tidy(() => tf.relu(tf.matMul(tf.reshape(feedInputs(examples), [examples.size, d]), tf.tensor2d(projection, [d, p]))).dataSync<'float32'>().slice());
  const [phi, phiTest] = [featuresOf(train), featuresOf(test)];
  const classes = data.train.targets.width;
  const onehot = ({ size, targets }: Examples): Float64Array => {
    const rows = new Float64Array(size * classes);
    for (let i = 0; i < size; i++) rows[i * classes + targets.values[i]] = 1;
    return rows;
  };
  const y = onehot(train);
  const coefficients = minimumNorm(phi, y, n, p, classes);
  const outputs = (rows: Float32Array, count: number): Float64Array => {
    const out = new Float64Array(count * classes);
    for (let i = 0; i < count; i++) for (let k = 0; k < p; k++) {
      const f = rows[i * p + k];
      if (f !== 0) for (let c = 0; c < classes; c++) out[i * classes + c] += f * coefficients[k * classes + c];
    }
    return out;
  };
  const fitted = outputs(phi, n);
  const said = outputs(phiTest, test.size);
  let wrong = 0;
  for (let i = 0; i < test.size; i++) {
    const row = said.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) !== test.targets.values[i]) wrong++;
  }
  return { testError: (100 * wrong) / test.size, trainMse: fitted.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / fitted.length };
});

/** The least-norm least-squares coefficients [p, classes] of rows [n, p]. */
function minimumNorm(rows: Float32Array, y: Float64Array, n: number, p: number, classes: number): Float64Array {
  const wide = p >= n;
  const m = wide ? n : p;
  const gram = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      if (wide) for (let k = 0; k < p; k++) sum += rows[i * p + k] * rows[j * p + k];
      else for (let k = 0; k < n; k++) sum += rows[k * p + i] * rows[k * p + j];
      gram[i * m + j] = gram[j * m + i] = sum;
    }
  }
  let diagonal = 0;
  for (let i = 0; i < m; i++) diagonal += gram[i * m + i] / m;
  for (let i = 0; i < m; i++) gram[i * m + i] += 1e-10 * diagonal;
  const product = (of: Float64Array): Float64Array => {
    const out = new Float64Array(p * classes);
    for (let i = 0; i < n; i++) for (let k = 0; k < p; k++) for (let c = 0; c < classes; c++) out[k * classes + c] += rows[i * p + k] * of[i * classes + c];
    return out;
  };
  return wide ? product(solvePositive(gram, y, m)) : solvePositive(gram, product(y), m);
}
