import { lastValueFrom } from 'rxjs';
import { buildFrom, type Examples, type Split, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { buildParts, keep } from '@gradstream/pipeline';
import { study, type StudyParts } from '../recipe/study.ts';

export interface BigramOptions {
  /** A text, by character. */
  readonly data: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly batches: Readonly<Record<string, unknown>>;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly rates: readonly number[];
  readonly tuningSeed: number;
  /** Pairs that are measured, evenly spread over the text. */
  readonly measured: number;
  /** Contexts are rare whose share of the text is below this. */
  readonly rare: number;
}

/**
 * Softmax regression from a character to its successor, from zero: the features are one-hot, so that a rare character's weights
 * see a gradient rarely, which is what Adagrad was made for (Duchi, Hazan and Singer 2011).
 */
export const sparseFeatures = study<BigramOptions>('sparse-features', async ({ tuningSeed, rates, ...options }, seed, parts) => {
  await useBackend();
  const pairs = await pairsOf(options, parts);
  const trained = async (rate: number, at: number): Promise<{ readonly all: number; readonly rare: number }> => pairs.lossesOf(await train(pairs.split, rate, options, at, parts));
  const losses: number[] = [];
  for (const rate of rates) losses.push((await trained(rate, tuningSeed)).all);
  const best = losses.indexOf(Math.min(...losses));
  const { all, rare } = await trained(rates[best], seed);
  return { rate: rates[best], loss: all, rareLoss: rare, aboveFloor: all - pairs.floor.all, rareAboveFloor: rare - pairs.floor.rare, floor: pairs.floor.all, rareFloor: pairs.floor.rare, inside: best > 0 && best < rates.length - 1 ? 1 : 0 };
});

async function train(split: Split, rate: number, { batches, optimizer }: Pick<BigramOptions, 'batches' | 'optimizer'>, seed: number, { registries, compose }: StudyParts): Promise<Float32Array> {
  const made = buildParts(parseRunSpec({ version: 1, seed, data: 'given', loss: 'softmaxCrossEntropy', model: 'linear', batches, optimizer: { ...optimizer, learningRate: rate } }, 'sparse-features'), 'sparse-features', registries);
  const kept: { weights?: Weights } = {};
  await lastValueFrom(compose(made, { train: split }).pipe(keep(kept)));
  const [kernel, bias] = [kept.weights!.get('output/kernel')!.values, kept.weights!.get('output/bias')!.values];
  return kernel.map((value, i) => value + bias[i % bias.length]);
}

interface Pairs {
  readonly split: Split;
  /** The least loss on the whole text that any table of bigrams can have: its conditional entropy. */
  readonly floor: { readonly all: number; readonly rare: number };
  /** Mean −log p over all measured pairs and over those with a rare context, of logits [context, successor]. */
  lossesOf(logits: Float32Array): { readonly all: number; readonly rare: number };
}

async function pairsOf({ data, measured, rare }: Pick<BigramOptions, 'data' | 'measured' | 'rare'>, { registries }: StudyParts): Promise<Pairs> {
  const { train: text } = await buildFrom<Data | Promise<Data>>(registries, 'dataset', { ...data, length: 1, validation: 0, test: 0 }, 'data');
  const width = text.targets.width;
  const counted = (from: number, every: number, count: number): Float64Array => {
    const counts = new Float64Array(width * width);
    const seen = text.gather(Uint32Array.from({ length: count }, (_, i) => from + i * every));
    seen.inputs.forEach((context, i) => counts[context * width + seen.targets.values[i]]++);
    return counts;
  };
  const whole = counted(0, 1, text.size);
  const sample = counted(0, Math.floor(text.size / measured), measured);
  const totals = Float64Array.from({ length: width }, (_, from) => whole.subarray(from * width, (from + 1) * width).reduce((a, b) => a + b, 0));
  const isRare = totals.map((total) => (total / text.size < rare ? 1 : 0));
  const mean = (counts: Float64Array, of: (from: number, to: number) => number): { all: number; rare: number } => {
    const sums = { all: 0, rare: 0 };
    const weight = { all: 0, rare: 0 };
    for (let from = 0; from < width; from++) {
      for (let to = 0; to < width; to++) {
        const n = counts[from * width + to];
        if (n === 0) continue;
        const loss = n * of(from, to);
        sums.all += loss;
        weight.all += n;
        sums.rare += isRare[from] * loss;
        weight.rare += isRare[from] * n;
      }
    }
    return { all: sums.all / weight.all, rare: sums.rare / weight.rare };
  };
  return {
    split: oneHot(text, width),
    floor: mean(whole, (from, to) => -Math.log(whole[from * width + to] / totals[from])),
    lossesOf(logits) {
      const norms = Float64Array.from({ length: width }, (_, from) => Math.log(logits.subarray(from * width, (from + 1) * width).reduce((sum, value) => sum + Math.exp(value), 0)));
      return mean(sample, (from, to) => norms[from] - logits[from * width + to]);
    },
  };
}

/** Characters as one-hot rows. */
const oneHot = (text: Split, width: number): Split => ({
  ...text,
  store: undefined,
  inputShape: [width],
  gather(indices): Examples {
    const { size, inputs, targets } = text.gather(indices);
    const rows = new Float32Array(size * width);
    inputs.forEach((character, i) => (rows[i * width + character] = 1));
    return { size, inputShape: [size, width], inputs: rows, targets: { ...targets, shape: [size] } as Examples['targets'] };
  },
});
