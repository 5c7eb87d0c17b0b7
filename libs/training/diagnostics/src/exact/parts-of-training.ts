/** Laws of the parts beside the optimizer: smoothed labels, batch normalization, CutMix, early stopping. */
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom, tap } from 'rxjs';
import { buildFrom, fold, key, uniforms, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import type { Augmentation, CutMixDraw } from '@gradstream/augment';
import { fromArrays, type Data } from '@gradstream/datasets';
import { predict, useBackend } from '@gradstream/engine';
import { apply, build, initialize, type Layer } from '@gradstream/models';
import { atEnd, buildParts, evaluate, keep, RUN } from '@gradstream/pipeline';
import { study } from '../recipe/study.ts';

/** Szegedy et al. 2016: with labels smoothed by ε over K classes the logits end log((1 − ε + ε/K)/(ε/K)) apart. */
export const labelSmoothingLogit = study<{ readonly smoothing: number; readonly classes: number; readonly steps: number }>('label-smoothing-logit', async ({ smoothing, classes, steps }, seed, parts) => {
  await useBackend();
  const one = (i: number): number[] => Array.from({ length: classes }, (_, c) => (c === i ? 1 : 0));
  const inputs = Array.from({ length: classes }, (_, i) => one(i));
  const train = fromArrays({ inputs, classes: inputs.map((_, i) => i), width: classes });
  const spec = parseRunSpec({ version: 1, seed, data: 'given', batches: { size: classes, steps }, model: 'linear', loss: { name: 'softmaxCrossEntropy', labelSmoothing: smoothing }, optimizer: { name: 'momentum', learningRate: 1 } }, 'label-smoothing-logit');
  const made = buildParts(spec, 'label-smoothing-logit', parts.registries);
  const kept: { weights?: Weights } = {};
  await lastValueFrom(parts.compose(made, { train }).pipe(keep(kept)));
  const logits = predict(build(made.model, [classes], classes), kept.weights!, train.gather(inputs.map((_, i) => i)));
  const gaps = inputs.map((_, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return row[i] - (row.reduce((a, b) => a + b, 0) - row[i]) / (classes - 1);
  });
  return { gap: gaps.reduce((a, b) => a + b, 0) / classes, law: Math.log((1 - smoothing + smoothing / classes) / (smoothing / classes)) };
});

/** Ioffe and Szegedy 2015: the layer standardises; the shape of a distribution stays, so it is no more Gaussian than before. */
export const batchNormShape = study<{ readonly rows: number }>('bn-shape', async ({ rows }, seed, parts) => {
  await useBackend();
  const from = key(seed);
  // One feature of two points, one uniform, one skewed; far from mean 0 and variance 1.
  const u = uniforms(fold(from, 'features'), rows * 3);
  const features = Float32Array.from(u, (value, i) => [value < 0.3 ? 4 : -1, 10 + 2 * value, -3 * Math.log(1 - value)][i % 3]);
  const layer = buildFrom<Layer>(parts.registries, 'layer', 'batchNorm', 'layer');
  const model = build({ name: 'normalization', layers: () => [layer] }, [3], 3);
  const weights = initialize(model, from);
  const params = (): Record<string, tf.Tensor> => Object.fromEntries(model.params.map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])]));
  const out = tf.tidy(() => apply(model, params(), tf.tensor2d(features, [rows, 3]), { training: true, key: from }).outputs.dataSync<'float32'>().slice());
  const column = (values: Float32Array, c: number): Float64Array => Float64Array.from({ length: rows }, (_, r) => values[r * 3 + c]);
  const before = [0, 1, 2].map((c) => moments(column(features, c)));
  const after = [0, 1, 2].map((c) => moments(column(out, c)));
  const worst = (of: (c: number) => number): number => Math.max(...[0, 1, 2].map((c) => Math.abs(of(c))));
  // In evaluation an example's answer must not depend on who stands beside it.
  const alone = (examples: Float32Array): Float32Array => tf.tidy(() => apply(model, params(), tf.tensor2d(examples, [examples.length / 3, 3]), { training: false, key: from }).outputs.dataSync<'float32'>().slice());
  const beside = alone(features.subarray(0, 12));
  const single = alone(features.subarray(0, 3));
  return {
    mean: worst((c) => after[c].mean),
    variance: worst((c) => after[c].variance - 1),
    kurtosis: worst((c) => after[c].kurtosis - before[c].kurtosis),
    valuesBefore: new Set(column(features, 0)).size,
    valuesAfter: new Set(column(out, 0)).size,
    company: Math.max(...single.map((value, c) => Math.abs(value - beside[c]))),
  };
});

function moments(values: Float64Array): { readonly mean: number; readonly variance: number; readonly kurtosis: number } {
  const about = (centre: number, power: number): number => values.reduce((sum, x) => sum + (x - centre) ** power, 0) / values.length;
  const mean = about(0, 1);
  const variance = about(mean, 2);
  return { mean, variance, kurtosis: about(mean, 4) / variance ** 2 };
}

/** Yun et al. 2019: the label's weight is the share of pixels that the image really keeps, after the box was cut off. */
export const cutmixArea = study<{ readonly boxes: number; readonly side: number }>('cutmix-area', ({ boxes, side }, seed, parts) => {
  const cutmix = buildFrom<Augmentation<CutMixDraw>>(parts.registries, 'augmentation', { name: 'cutmix', alpha: 1, per: 'example' }, 'augment');
  const size = boxes;
  const pixels = side * side;
  // Image i holds i everywhere, so that whose pixel it is can be read off.
  const inputs = Float32Array.from({ length: size * pixels }, (_, i) => Math.floor(i / pixels));
  const examples = { size, inputShape: [size, side, side, 1], inputs, targets: { kind: 'classes' as const, width: size, shape: [size], values: Int32Array.from({ length: size }, (_, i) => i) } };
  const draw = cutmix.sample(key(seed), examples.inputShape);
  const mixed = cutmix.apply(examples, draw);
  let [worst, labels, clipped] = [0, 0, 0];
  for (let n = 0; n < size; n++) {
    if (draw.partner[n] === n) continue;
    let own = 0;
    for (let i = n * pixels; i < (n + 1) * pixels; i++) own += mixed.inputs[i] === n ? 1 : 0;
    worst = Math.max(worst, Math.abs(draw.lambda[n] - own / pixels));
    labels = Math.max(labels, Math.abs(mixed.targets.values[n * size + n] - own / pixels));
    const { top, left, bottom, right } = draw.boxes[n];
    if (top === 0 || left === 0 || bottom === side || right === side) clipped++;
  }
  return { worst, labels, clipped };
});

/** Early stopping hands out the weights of the best validation epoch, bit for bit, and the test split is read once, at the end. */
export const earlyStopRestore = study<{ readonly run: Readonly<Record<string, unknown>> }>('early-stop-restore', async ({ run }, seed, parts) => {
  await useBackend();
  const spec = parseRunSpec({ version: 1, seed, ...run }, 'early-stop-restore');
  const made = buildParts(spec, 'early-stop-restore', parts.registries);
  const data = await buildFrom<Data | Promise<Data>>(parts.registries, 'dataset', spec.data, 'data');
  const kept: { weights?: Weights } = {};
  let best: { loss: number; weights: Weights } | undefined;
  let last: Weights | undefined;
  let epochs = 0;
  await lastValueFrom(parts.compose(made, data).pipe(
    tap((event) => {
      if (event.type !== 'evaluation') return;
      epochs++;
      const loss = event.metrics['validation/loss'];
      last = event[RUN].trainer.evaluationWeights();
      if (!best || loss < best.loss) best = { loss, weights: last };
    }),
    evaluate(data.test!, { every: atEnd() }),
    keep(kept),
  ));
  return { differs: differences(kept.weights!, best!.weights), lastDiffers: differences(kept.weights!, last!), testLooks: data.test!.looks!, epochs };
});

const differences = (a: Weights, b: Weights): number => [...a].reduce((n, [name, { values }]) => n + values.reduce((m, value, i) => m + (Object.is(value, b.get(name)!.values[i]) ? 0 : 1), 0), 0);

