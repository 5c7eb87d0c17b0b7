/** Laws of noise: in gradients, on inputs, in masks. */
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, reduce } from 'rxjs';
import { buildFrom, fold, key, sizeOf, type Batch, type Examples } from '@gradstream/numerics';
import type { Augmentation } from '@gradstream/augment';
import type { Data } from '@gradstream/datasets';
import { compile, useBackend } from '@gradstream/engine';
import type { Objective } from '@gradstream/losses';
import { apply, build, initialize, type Layer, type Model } from '@gradstream/models';
import { freeze } from '@gradstream/optimizers';
import { dot, norm, plus, solvePositive } from '../linear-algebra.ts';
import { study, type StudyParts } from '../recipe/study.ts';
import { allOf, standardized } from '../split-arrays.ts';

const dataOf = async (document: unknown, { registries }: StudyParts): Promise<Data> => buildFrom<Data | Promise<Data>>(registries, 'dataset', document, 'data');

/**
 * Without replacement E‖g_B − g‖² = (tr Σ / B)(N − B)/(N − 1). Batches come from the pipeline's own source, gradients from
 * the engine; tr Σ is measured over single examples.
 */
export const gradientNoiseLaw = study<{ readonly data: unknown; readonly size: number; readonly draws: number }>('gradient-noise-law', async ({ data: document, size, draws }, seed, parts) => {
  await useBackend();
  const { train } = await dataOf(document, parts);
  const model = build(buildFrom<Model>(parts.registries, 'model', { name: 'linear', kernelInit: 'glorotUniform' }, 'model'), train.inputShape, train.targets.width);
  const objective = buildFrom<Objective>(parts.registries, 'objective', 'softmaxCrossEntropy', 'loss');
  const trainer = compile({ model, objective, regularizers: [], optimizer: freeze(), key: key(seed) });
  const sizes = model.params.map(({ shape }) => sizeOf(shape));
  const gradientOf = (examples: Examples): Float64Array => {
    const outcome = trainer.step({ ...examples, step: 0, epoch: 0, index: 0, batchesPerEpoch: 1, ids: new Uint32Array(examples.size), key: key(seed) } as Batch);
    const { gradients } = outcome.view();
    const flat = new Float64Array(sizes.reduce((n, size) => n + size, 0));
    model.params.reduce((at, { name }, i) => {
      flat.set(gradients[name].dataSync(), at);
      return at + sizes[i];
    }, 0);
    outcome.release();
    return flat;
  };
  const squares = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
  const whole = gradientOf(allOf(train));
  let trace = 0;
  for (let i = 0; i < train.size; i++) trace += squares(gradientOf(train.gather([i])), whole) / train.size;
  const noise = await lastValueFrom(parts.batches(train, { size, steps: draws, seed, lastBatch: 'drop' }).pipe(reduce((sum, batch: Batch) => sum + squares(gradientOf(batch), whole) / draws, 0)));
  trainer.dispose();
  const [n, b] = [train.size, size];
  // Σ with 1/n: the law's factor (n − B)/(n − 1) is exact for it.
  return { noise, law: (trace / b) * ((n - b) / (n - 1)), ofSingle: noise / trace };
});

/** Bishop 1995: for linear least squares, inputs with noise of deviation s are ridge regression with λ = n s². */
export const noiseIsRidge = study<{ readonly data: unknown; readonly columns: number; readonly deviation: number; readonly copies: number }>('noise-is-ridge', async ({ data: document, columns: p, deviation, copies }, seed, parts) => {
  const { train } = await dataOf(document, parts);
  const examples = allOf(train);
  const { values } = standardized(examples, p);
  const n = examples.size;
  const targets = Float64Array.from({ length: n }, (_, i) => examples.targets.values[i * (examples.targets.values.length / n)]);
  const centre = targets.reduce((a, b) => a + b, 0) / n;
  const y = targets.map((t) => t - centre);
  const jitter = buildFrom<Augmentation>(parts.registries, 'augmentation', { name: 'jitter', deviation }, 'augment');
  const clean = { size: n, inputShape: [n, p], inputs: Float32Array.from(values), targets: examples.targets };
  const products = new Float64Array(p * p);
  const right = new Float64Array(p);
  const gather = (x: ArrayLike<number>, share: number): void => {
    for (let r = 0; r < n; r++) {
      for (let i = 0; i < p; i++) {
        const xi = x[r * p + i] * share;
        right[i] += xi * y[r];
        for (let j = 0; j <= i; j++) products[i * p + j] += xi * x[r * p + j];
      }
    }
  };
  const mirror = (): void => {
    for (let i = 0; i < p; i++) for (let j = 0; j < i; j++) products[j * p + i] = products[i * p + j];
  };
  for (let k = 0; k < copies; k++) gather(jitter.apply(clean, jitter.sample(fold(fold(key(seed), 'copy'), k), clean.inputShape)).inputs, 1 / copies);
  mirror();
  const noisy = solvePositive(products, right, p);
  products.fill(0);
  right.fill(0);
  gather(clean.inputs, 1);
  mirror();
  for (let i = 0; i < p; i++) products[i * p + i] += n * deviation ** 2;
  const ridge = solvePositive(products, right, p);
  return { distance: norm(plus(noisy, ridge, -1)) / norm(ridge) };
});

/** Baldi and Sadowski 2013: for softmax regression the normalised geometric mean over all masks is the pass without one. */
export const dropoutExact = study<{ readonly inputs: number; readonly classes: number; readonly rate: number }>('dropout-exact', async ({ inputs: d, classes, rate }, seed, parts) => {
  await useBackend();
  const from = key(seed);
  const layer = buildFrom<Layer>(parts.registries, 'layer', { name: 'dropout', rate }, 'layer');
  const head = buildFrom<Layer>(parts.registries, 'layer', { name: 'dense', units: classes }, 'layer');
  const model = build({ name: 'dropout-regression', layers: () => [layer, head] }, [d], classes);
  const weights = initialize(model, fold(from, 'init'));
  const [kernel, bias] = model.params.map(({ name }) => weights.get(name)!.values);
  const x = Float32Array.from({ length: d }, (_, i) => 0.5 + i / d);

  // The layer draws a mask for each row; rows enough show all 2^d of them.
  const rows = 40 * 2 ** d;
  const dropping = build({ name: 'dropout-alone', layers: () => [layer] }, [d], d);
  const dropped = tf.tidy(() => apply(dropping, {}, tf.tile(tf.tensor2d(x, [1, d]), [rows, 1]), { training: true, key: fold(from, 'masks') }).outputs.dataSync<'float32'>().slice());
  const seen = new Map<number, Float32Array>();
  for (let r = 0; r < rows; r++) {
    const row = dropped.subarray(r * d, (r + 1) * d);
    seen.set(row.reduce((bits, value, i) => bits + (value === 0 ? 0 : 2 ** i), 0), row);
  }
  const logSoftmax = (row: ArrayLike<number>): Float64Array => {
    const logits = Float64Array.from({ length: classes }, (_, c) => bias[c] + dot(row, Float64Array.from(row, (_, i) => kernel[i * classes + c])));
    const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
    return logits.map((value) => value - total);
  };
  const geometric = new Float64Array(classes);
  for (const row of seen.values()) logSoftmax(row).forEach((value, c) => (geometric[c] += value / seen.size));
  const normalizer = geometric.reduce((sum, value) => sum + Math.exp(value), 0);
  const distanceTo = (probabilities: ArrayLike<number>): number => Math.max(...geometric.map((value, c) => Math.abs(Math.exp(value) / normalizer - probabilities[c])));
  const float32 = tf.tidy(() => tf.softmax(apply(model, Object.fromEntries(model.params.map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])])), tf.tensor2d(x, [1, d]), { training: false, key: from }).outputs).dataSync<'float32'>().slice());
  return { masks: seen.size, float64: distanceTo(logSoftmax(x).map(Math.exp)), float32: distanceTo(float32) };
});
