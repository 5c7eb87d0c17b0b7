import { lastValueFrom, takeWhile, tap } from 'rxjs';
import { buildFrom, type Split, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import { labelNoise, partition, type Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { build, type BuiltModel } from '@gradstream/models';
import { buildParts, epochs, evaluate, keep, RUN, type RunParts } from '@gradstream/pipeline';
import { study, type Measured, type StudyParts } from '../recipe/study.ts';
import { allOf, withUnitInputs } from '../split-arrays.ts';
import { endMeasures, inputGradientNorm } from './measures.ts';

/** A run document's parts, and what a study does with them beside training. The seed decides subset, first weights and order. */
export interface TrainingOptions {
  readonly data: { readonly name: string; readonly subset?: number; readonly validation?: number; readonly first?: number; readonly test?: number };
  readonly batches: Readonly<Record<string, unknown>>;
  readonly model: unknown;
  readonly loss?: unknown;
  readonly optimizer: unknown;
  readonly augment?: readonly unknown[];
  readonly regularizers?: readonly unknown[];
  readonly earlyStopping?: Readonly<Record<string, unknown>>;
  /** Share of the training and validation labels that are changed to another class. Default 0. */
  readonly wrongLabels?: number;
  /** Inputs as numbers instead of bytes, so that added noise is neither rounded nor cut off. Default false. */
  readonly unitInputs?: boolean;
  /** Ends at the first epoch whose full training loss is at most this. */
  readonly untilTrainLoss?: number;
  /** Measures the test split at each epoch, afterwards; it decides nothing. Default false. */
  readonly curve?: boolean;
  /** Measures the gradient of the winning logit by the inputs. Default false. */
  readonly inputGradients?: boolean;
}

/** A run that was carried out. */
export interface Trained {
  readonly model: BuiltModel;
  readonly parts: RunParts;
  readonly weights: Weights;
  readonly data: Data & { readonly test: Split };
  readonly steps: number;
  readonly epochs: number;
  readonly testLosses: readonly number[];
}

const BATCHES = { lastBatch: 'drop' } as const;

/** Reads the data of a study: the first n of a seeded permutation train, the next validate. */
export async function readData({ data: { subset, validation, ...named }, wrongLabels = 0, unitInputs = false }: Pick<TrainingOptions, 'data' | 'wrongLabels' | 'unitInputs'>, seed: number, { registries }: StudyParts): Promise<Data & { readonly test: Split }> {
  const given = await buildFrom<Data | Promise<Data>>(registries, 'dataset', named, 'data');
  const noisy = (split: Split): Split => (wrongLabels > 0 ? labelNoise(split as Split<'classes'>, { share: wrongLabels, seed }).split : split);
  const whole = subset === undefined ? given.train : partition(given.train, { subset: subset + (validation ?? 0), seed }).train;
  const { train, validation: held } = partition(noisy(whole), { ...(subset === undefined ? {} : { subset }), ...(validation === undefined ? {} : { validation }), seed });
  return { ...given, train: unitInputs ? withUnitInputs(train) : train, ...(validation === undefined ? {} : { validation: held }), test: given.test! } as Data & { readonly test: Split };
}

/** What code adds to a training. */
export interface TrainOnceExtra {
  /** Instead of the training split that the options describe. */
  readonly train?: Split;
  /** Called after each epoch (counted from 1). */
  readonly watch?: (at: { readonly weights: Weights; readonly epoch: number; readonly model: BuiltModel }) => void;
}

/** Trains once. */
export async function trainOnce(options: TrainingOptions, seed: number, parts: StudyParts, { train: given, watch }: TrainOnceExtra = {}): Promise<Trained> {
  await useBackend();
  const { data: _, wrongLabels: __, unitInputs: ___, untilTrainLoss, curve = false, inputGradients: ____, loss = 'softmaxCrossEntropy', batches, ...run } = options;
  const made = buildParts(parseRunSpec({ version: 1, seed, data: 'given', loss, batches: { ...BATCHES, ...batches }, ...run }, 'training'), 'training', parts.registries);
  const read = await readData(options, seed, parts);
  const data = given ? { ...read, train: given } : read;
  const model = build(made.model, data.train.inputShape, data.train.targets.width);
  const kept: { weights?: Weights } = {};
  const testLosses: number[] = [];
  const seen = { steps: 0, epochs: 0 };
  const run$ = parts.compose(made, { train: data.train, ...(made.earlyStopping ? { validation: data.validation } : {}) });
  const curve$ = curve ? run$.pipe(evaluate(data.test, { every: epochs(1), size: 1_000 })) : run$;
  const until$ = untilTrainLoss === undefined ? curve$ : curve$.pipe(
    evaluate(data.train, { every: epochs(1), size: 1_000 }),
    takeWhile((event) => !(event.type === 'evaluation' && event.split === 'train' && event.metrics['train/loss'] <= untilTrainLoss), true),
  );
  await lastValueFrom(until$.pipe(
    tap((event) => {
      if (event.type === 'evaluation' && event.split === 'test') testLosses.push(event.metrics['test/loss']);
      if (event.type !== 'step') return;
      seen.steps = event.step + 1;
      if (event.index + 1 < event.batchesPerEpoch) return;
      seen.epochs++;
      watch?.({ weights: event[RUN].trainer.evaluationWeights(), epoch: seen.epochs, model });
    }),
    keep(kept),
  ));
  return { model, parts: made, weights: kept.weights!, data, ...seen, testLosses };
}

/** Trains once and measures the result on its training split and on the test split. */
export const training = study<TrainingOptions>('training', async (options, seed, parts) => {
  const trained = await trainOnce(options, seed, parts);
  const { model, weights, data, testLosses, steps, epochs: taken } = trained;
  const [train, test] = [allOf(data.train), allOf(data.test)];
  const measured: Measured = {
    ...endMeasures(model, weights, train, test),
    steps, epochs: taken,
    ...(options.inputGradients ? { inputGradient: inputGradientNorm(model, weights, allOf(data.test, 1_000)) } : {}),
  };
  if (testLosses.length === 0) return measured;
  const best = Math.min(...testLosses);
  return { ...measured, bestTestLoss: best, bestEpoch: testLosses.indexOf(best) + 1, overBest: testLosses.at(-1)! / best };
});
