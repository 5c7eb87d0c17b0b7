/**
 * Mutation score of the science: each deliberate mistake takes the place of the part it breaks, and the recipe named beside it
 * must then not be reproduced. Nothing on disk is changed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { lastValueFrom } from 'rxjs';
import { parse } from 'yaml';
import { add, div, factory, mul, sqrt, square, type Factory, type Registries, type Split } from '@gradstream/numerics';
import { cutmix, type Augmentation, type CutMixDraw } from '@gradstream/augment';
import { findStudy, ownParts, parseRecipe, runRecipe, studies, type StudyParts, type Verdict } from '@gradstream/diagnostics';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import { defineLayer, initializers, keeps } from '@gradstream/models';
import { adam, chain, elementwise, momentum, scaleByLearningRate, type Transformation } from '@gradstream/optimizers';

export interface Mistake {
  readonly name: string;
  /** The recipe that must notice. */
  readonly recipe: string;
  readonly parts: StudyParts;
}

const { registries, batches, compose } = ownParts;
const anything = { says: 'anything', accepts: () => true, schema: {} };

/** A part under another's name, which takes whatever options the right one takes. */
const standIn = <T extends object>(kind: keyof typeof registries & string, name: string, build: (options: Readonly<Record<string, unknown>>) => T): StudyParts => {
  const right = registries[kind][name] as unknown as Factory<object, T>;
  const options = Object.fromEntries(Object.keys(right.options).map((option) => [option, anything]));
  // Under a name of its own: a plan knows parts by name and would carry out the right one.
  const wrong = factory<Record<string, unknown>, T>(`mistaken-${name}`, options, build);
  return { ...ownParts, registries: { ...registries, [kind]: { ...registries[kind], [name]: wrong } } as Registries };
};
const numberOf = (options: Readonly<Record<string, unknown>>, name: string, otherwise: number): number => (typeof options[name] === 'number' ? options[name] : otherwise);

const uncorrectedAdam = (options: Readonly<Record<string, unknown>>): Transformation =>
  chain(
    elementwise('uncorrectedAdam', {
      hyper: { eps: numberOf(options, 'eps', 1e-8) },
      slots: { m: 0, v: 0 },
      update: ({ g, eps, ...old }) => {
        const m = add(mul(0.9, old.m), mul(0.1, g));
        const v = add(mul(0.999, old.v), mul(0.001, square(g)));
        return { g: div(m, add(sqrt(v), eps)), m, v };
      },
    }),
    scaleByLearningRate(numberOf(options, 'learningRate', 1e-3)),
  );

const oldAccumulatorAdadelta = (options: Readonly<Record<string, unknown>>): Transformation => {
  const [decay, eps] = [numberOf(options, 'decay', 0.9), numberOf(options, 'eps', 1e-6)];
  return chain(
    elementwise('oldAccumulatorAdadelta', {
      hyper: {},
      slots: { v: 0, u: 0 },
      update: ({ g, ...old }) => {
        const d = mul(g, div(sqrt(add(old.u, eps)), sqrt(add(old.v, eps))));
        return { g: d, v: add(mul(decay, old.v), mul(1 - decay, square(g))), u: add(mul(decay, old.u), mul(1 - decay, square(d))) };
      },
    }),
    scaleByLearningRate(numberOf(options, 'learningRate', 1)),
  );
};

/** Adam whose decay joins the gradient: the penalty, under the name of decoupled decay. */
const coupledAdamw = (options: Readonly<Record<string, unknown>>): Transformation =>
  chain(
    elementwise('coupledDecay', { hyper: {}, slots: {}, update: ({ g, p }) => ({ g: add(g, mul(numberOf(options, 'weightDecay', 0.01), p)) }) }),
    adam({ learningRate: numberOf(options, 'learningRate', 1e-3) }),
  );

const unscaledDropout = defineLayer<{ readonly rate: number }>({
  kind: 'unscaledDropout', options: { rate: anything }, defaults: {}, outputShape: (_, shape) => shape, params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training ? tf.mul(x, tf.tensor(keeps(key, x.size, rate), x.shape)) : x),
});

const companyBatchNorm = defineLayer<object>({
  kind: 'companyBatchNorm', options: {}, defaults: {}, outputShape: (_, shape) => shape,
  params: (_, shape) => [{ name: 'gamma', shape: [shape.at(-1)!], role: 'norm', init: initializers.ones, fan: { in: 1, out: 1 } }],
  apply: (_, x, { gamma }) => {
    const { mean, variance } = tf.moments(x, 0);
    return tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gamma);
  },
});

/** Smoothing over the K − 1 other classes. */
const smoothedOverOthers = (options: Readonly<Record<string, unknown>>): Objective => {
  const smoothing = numberOf(options, 'labelSmoothing', 0);
  const plain = softmaxCrossEntropy();
  return {
    ...plain,
    loss: (outputs, { values, width }) => tf.tidy(() => {
      const hard = tf.cast(tf.oneHot(tf.cast(values, 'int32'), width), 'float32');
      const targets = tf.add(tf.mul(hard, 1 - smoothing), tf.mul(tf.sub(1, hard), smoothing / (width - 1)));
      return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(outputs as tf.Tensor2D)), 1))) as tf.Scalar;
    }),
  };
};

/** Gradients summed over the batch. */
const summedLoss = (): Objective => {
  const plain = softmaxCrossEntropy();
  return { ...plain, loss: (outputs, targets) => tf.tidy(() => tf.mul(plain.loss(outputs, targets), outputs.shape[0]) as tf.Scalar) };
};

/** Labels by the λ that was drawn, not by the area that was pasted. */
const unclippedCutmix = (options: Readonly<Record<string, unknown>>): Augmentation<CutMixDraw> => {
  const right = cutmix(options);
  return {
    ...right,
    sample: (key, shape) => {
      const draw = right.sample(key, shape);
          return { ...draw, lambda: draw.lambda.map((share, i) => {
        const { top, left, bottom, right: end } = draw.boxes[i];
        // A box cut off at the border had the length of the other side's box before.
        const full = Math.max(bottom - top, end - left);
        return share === 1 ? 1 : 1 - (full * full) / (shape[1] * shape[2]);
      }) };
    },
  };
};

/** The test split in the place of the validation split. */
const stoppingOnTest: typeof compose = (parts, data, extra) => {
  const { test } = data as { readonly test?: Split };
  return compose(parts, { ...data, validation: test && { ...test, role: 'validation', gather: (indices) => test.gather(indices) } }, extra);
};

export const mistakes: readonly Mistake[] = [
  { name: 'Adam without bias correction', recipe: 'adam-first-step', parts: standIn('transformation', 'adam', uncorrectedAdam) },
  { name: 'Adadelta divides by the old accumulator', recipe: 'adadelta-first-step', parts: standIn('transformation', 'adadelta', oldAccumulatorAdadelta) },
  { name: 'Nesterov is plain momentum', recipe: 'quadratic-race', parts: standIn('transformation', 'nesterov', (options) => momentum({ learningRate: numberOf(options, 'learningRate', 1), momentum: numberOf(options, 'momentum', 0.9) })) },
  { name: 'dropout without scaling', recipe: 'dropout-exact', parts: standIn('layer', 'dropout', (options) => unscaledDropout({ rate: numberOf(options, 'rate', 0.5) })) },
  { name: 'batch normalization without running statistics in evaluation', recipe: 'bn-shape', parts: standIn('layer', 'batchNorm', () => companyBatchNorm()) },
  { name: 'label smoothing over the K - 1 other classes', recipe: 'label-smoothing-logit', parts: standIn('objective', 'softmaxCrossEntropy', smoothedOverOthers) },
  { name: 'CutMix labels by the area before clipping', recipe: 'cutmix-area', parts: standIn('augmentation', 'cutmix', unclippedCutmix) },
  { name: 'early stopping keeps the last weights', recipe: 'early-stop-restore', parts: { ...ownParts, compose: (parts, data, extra) => compose({ ...parts, earlyStopping: { ...parts.earlyStopping!, restoreBest: false } }, data, extra) } },
  { name: 'coupled decay called AdamW', recipe: 'adamw-decay', parts: standIn('transformation', 'adamw', coupledAdamw) },
  { name: 'shuffling with replacement', recipe: 'gradient-noise-law', parts: { ...ownParts, batches: (split, options) => batches(split, { ...options, order: 'replacement' }) } },
  { name: 'gradients summed instead of averaged', recipe: 'gradient-noise-law', parts: standIn('objective', 'softmaxCrossEntropy', summedLoss) },
  { name: 'the test split decides when to stop', recipe: 'early-stop-restore', parts: { ...ownParts, compose: stoppingOnTest } },
];

/** The verdict of a recipe on given parts. */
export async function verdictOf(id: string, parts: StudyParts): Promise<{ readonly verdict: Verdict; readonly why: string }> {
  const recipe = parseRecipe(parse(readFileSync(join(process.cwd(), 'recipes', `${id}.yaml`), 'utf8')), id);
  const event = await lastValueFrom(runRecipe(recipe, {
    environment: { backend: 'wasm', version: 'mistakes', cores: 1 },
    carryOut: async ({ study, options, seed }) => ({ measured: await findStudy(studies, study, id).run(options, seed, parts), seconds: 0 }),
  }));
  if (event.type !== 'report') throw new Error(`${id} gave no report`);
  return { verdict: event.report.verdict, why: event.report.failed[0]?.says ?? '' };
}

/** Runs every mistake; a table as Markdown, and how many were noticed. */
export async function mutationScore(): Promise<{ readonly table: string; readonly noticed: number; readonly of: number }> {
  await useBackend();
  let noticed = 0;
  const rows: string[] = [];
  for (const { name, recipe, parts } of mistakes) {
    const { verdict, why } = await verdictOf(recipe, parts);
    const seen = verdict !== 'reproduced';
    if (seen) noticed++;
    process.stderr.write(`${seen ? 'noticed  ' : 'UNNOTICED'}  ${name}  (${recipe}: ${why})\n`);
    rows.push(`| ${name} | \`${recipe}\` | ${seen ? 'noticed' : '**unnoticed**'} | ${why} |`);
  }
  return { table: ['| mistake | recipe | | what failed |', '| --- | --- | --- | --- |', ...rows].join('\n'), noticed, of: mistakes.length };
}


