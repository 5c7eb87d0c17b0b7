import { lastValueFrom, tap } from 'rxjs';
import type { Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import { predict, useBackend } from '@gradstream/engine';
import { build } from '@gradstream/models';
import { buildParts, keep } from '@gradstream/pipeline';
import { canonical } from '../recipe/recipe.ts';
import { study, type StudyParts } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { classification } from './measures.ts';
import { readData, type TrainingOptions } from './training.ts';

/** A run without its learning rate. */
export interface RateOptions extends Pick<TrainingOptions, 'data' | 'batches' | 'model'> {
  /** Document of the optimizer; its learning rate is put in. Default plain gradient descent. */
  readonly optimizer?: Readonly<Record<string, unknown>>;
  readonly rates: readonly number[];
}

interface RateResult {
  /** Mean loss over the whole training split after the last step; infinite where it is no number. */
  readonly loss: number;
  /** First step (counted from 1) at which the exponential mean (.95) of the batch loss is below .5; the number of steps where none is. */
  readonly stepsToHalf: number;
}

async function trainAt(rate: number, { optimizer = { name: 'sgd' }, ...options }: RateOptions, seed: number, parts: StudyParts): Promise<RateResult> {
  await useBackend();
  const { data: _, rates: __, ...run } = options;
  const spec = parseRunSpec({ version: 1, seed, data: 'given', loss: 'softmaxCrossEntropy', ...run, batches: { lastBatch: 'drop', ...run.batches }, optimizer: { ...optimizer, learningRate: rate } }, 'rates');
  const made = buildParts(spec, 'rates', parts.registries);
  const { train } = await readData(options, seed, parts);
  const kept: { weights?: Weights } = {};
  let mean = NaN;
  let half: number | undefined;
  let steps = 0;
  await lastValueFrom(parts.compose(made, { train }).pipe(tap((event) => {
    if (event.type !== 'step') return;
    steps = event.step + 1;
    const loss = event.metrics['train/loss'];
    mean = Number.isNaN(mean) ? loss : 0.95 * mean + 0.05 * loss;
    if (mean < 0.5) half ??= steps;
  }), keep(kept)));
  const examples = allOf(train);
  const model = build(made.model, train.inputShape, train.targets.width);
  const { loss } = classification(predict(model, kept.weights!, examples, { size: 1_000 }), examples);
  return { loss: Number.isFinite(loss) ? loss : Infinity, stepsToHalf: half ?? steps };
}

/** How many learning rates reach a training loss below a bound. */
export const learningRateRange = study<RateOptions & { readonly below: number }>('learning-rate-range', async ({ below, ...options }, seed, parts) => {
  let trained = 0;
  let best = Infinity;
  for (const rate of options.rates) {
    const { loss } = await trainAt(rate, options, seed, parts);
    if (loss < below) trained++;
    best = Math.min(best, loss);
  }
  return { trained, best };
});

interface Tuned {
  readonly rate: number;
  readonly basin: number;
}

const tunedBefore = new Map<string, Promise<Tuned>>();

/** The rate with the least mean final loss over the tuning seeds, and the decades of rates within twice that loss. */
function tuned(options: RateOptions, seeds: readonly number[], parts: StudyParts): Promise<Tuned> {
  const name = canonical({ options, seeds });
  const known = tunedBefore.get(name) ?? (async (): Promise<Tuned> => {
    const losses: number[] = [];
    for (const rate of options.rates) {
      let sum = 0;
      for (const seed of seeds) sum += (await trainAt(rate, options, seed, parts)).loss / seeds.length;
      losses.push(sum);
    }
    const least = Math.min(...losses);
    const inside = options.rates.filter((_, i) => losses[i] <= 2 * least);
    return { rate: options.rates[losses.indexOf(least)], basin: Math.log10(Math.max(...inside) / Math.min(...inside)) };
  })();
  tunedBefore.set(name, known);
  return known;
}

export interface RaceOptions extends RateOptions {
  /** Seeds that choose the rate, and measure the basin. Default two of each seed's own: 100 + 2 seed and the next. */
  readonly tuningSeeds?: readonly number[];
}

/** One optimizer at the rate that seeds of their own have chosen. */
export const optimizerRace = study<RaceOptions>('optimizer-race', async ({ tuningSeeds, ...options }, seed, parts) => {
  const { rate, basin } = await tuned(options, tuningSeeds ?? [100 + 2 * seed, 101 + 2 * seed], parts);
  const { loss, stepsToHalf } = await trainAt(rate, options, seed, parts);
  return { rate, basin, trainLoss: loss, stepsToHalf };
});
