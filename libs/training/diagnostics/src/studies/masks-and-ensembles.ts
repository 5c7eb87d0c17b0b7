import * as tf from '@tensorflow/tfjs-core';
import { fold, key, type Examples, type Key, type Weights } from '@gradstream/numerics';
import { feedInputs, predict } from '@gradstream/engine';
import { apply, type BuiltModel } from '@gradstream/models';
import { canonical } from '../recipe/recipe.ts';
import { study, type StudyParts } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { trainOnce, type Trained, type TrainingOptions } from './training.ts';

export interface MasksOptions extends TrainingOptions {
  /** How many nets an ensemble may have; the nets without dropout. */
  readonly nets: number;
  /** Rate of the net with dropout, after each hidden layer. */
  readonly rate: number;
  /** What answers: the dropout net without a mask, the mean of so many masked passes, of so many plain nets, or each plain net alone. */
  readonly answers: 'weight scaling' | { readonly masks: number } | { readonly ensemble: number } | 'single nets';
}

/** Srivastava et al. 2014, section 7.5, and Gal and Ghahramani 2016: a dropout net without a mask, the mean of masked passes, and a real ensemble. */
export const masksAndEnsembles = study<MasksOptions>('masks-and-ensembles', async ({ answers, ...options }, seed, parts) => {
  const { dropping, plain } = await netsOf(options, seed, parts);
  const test = allOf(dropping.data.test);
  const labels = test.targets.values;
  const without = ({ model, weights }: Trained): Float64Array => softmaxRows(predict(model, weights, test, { size: 1_000 }), labels.length);
  if (answers === 'single nets') {
    const each = plain.map((net) => scored(without(net), labels));
    return { error: each.reduce((sum, { error }) => sum + error / each.length, 0), loss: each.reduce((sum, { loss }) => sum + loss / each.length, 0) };
  }
  if (answers === 'weight scaling') return scored(without(dropping), labels);
  if ('ensemble' in answers) return scored(meanOf(plain.slice(0, answers.ensemble).map(without)), labels);
  const from = fold(key(seed), 'masks');
  return scored(meanOf(Array.from({ length: answers.masks }, (_, pass) => masked(dropping.model, dropping.weights, test, fold(from, pass)))), labels);
});

interface Nets {
  readonly dropping: Trained;
  readonly plain: readonly Trained[];
}

/** The nets of the last seed: the arms of a recipe ask for the same ones, one after another. */
let last: { readonly name: string; readonly nets: Promise<Nets> } | undefined;

function netsOf({ nets, rate, ...options }: Omit<MasksOptions, 'answers'>, seed: number, parts: StudyParts): Promise<Nets> {
  const name = canonical({ nets, rate, options, seed });
  if (last?.name !== name) last = { name, nets: train() };
  return last.nets;

  async function train(): Promise<Nets> {
    const model = options.model as Readonly<Record<string, unknown>>;
    const dropping = await trainOnce({ ...options, model: { ...model, dropout: rate } }, seed, parts);
    const plain: Trained[] = [];
    // The same examples for all; only first weights and order differ.
    for (let net = 0; net < nets; net++) plain.push(await trainOnce(options, (seed + 1) * 1_000 + net, parts, { train: dropping.data.train }));
    return { dropping, plain };
  }
}

/** Probabilities of one pass with masks, drawn anew for each thousand examples. */
function masked(model: BuiltModel, weights: Weights, { inputs, inputShape: [count, ...shape] }: Pick<Examples, 'inputs' | 'inputShape'>, from: Key): Float64Array {
  const width = inputs.length / count;
  const chunk = 1_000;
  const parts = Array.from({ length: Math.ceil(count / chunk) }, (_, i) => tf.tidy(() => {
    const n = Math.min(chunk, count - i * chunk);
    const params = Object.fromEntries(model.params.map((param) => [param.name, tf.tensor(weights.get(param.name)!.values, [...param.shape])]));
    const x = feedInputs({ inputs: inputs.subarray(i * chunk * width, (i * chunk + n) * width), inputShape: [n, ...shape] });
    return apply(model, params, x, { training: true, key: fold(from, i) }).outputs.dataSync<'float32'>().slice();
  }));
  return softmaxRows(parts.flatMap((part) => [...part]), count);
}

function softmaxRows(logits: ArrayLike<number>, count: number): Float64Array {
  const width = logits.length / count;
  const out = new Float64Array(logits.length);
  for (let i = 0; i < count; i++) {
    let [top, sum] = [-Infinity, 0];
    for (let c = 0; c < width; c++) top = Math.max(top, logits[i * width + c]);
    for (let c = 0; c < width; c++) sum += out[i * width + c] = Math.exp(logits[i * width + c] - top);
    for (let c = 0; c < width; c++) out[i * width + c] /= sum;
  }
  return out;
}

const meanOf = (all: readonly Float64Array[]): Float64Array => all[0].map((_, i) => all.reduce((sum, each) => sum + each[i], 0) / all.length);

/** Error in % and mean −log p of probabilities. */
function scored(probabilities: Float64Array, labels: ArrayLike<number>): { readonly error: number; readonly loss: number } {
  const width = probabilities.length / labels.length;
  let [wrong, loss] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    const row = probabilities.subarray(i * width, (i + 1) * width);
    if (row.indexOf(Math.max(...row)) !== labels[i]) wrong++;
    loss -= Math.log(row[labels[i]]) / labels.length;
  }
  return { error: (100 * wrong) / labels.length, loss };
}
