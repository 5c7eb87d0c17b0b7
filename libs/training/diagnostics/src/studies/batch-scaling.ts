import { filter, lastValueFrom, map, takeWhile, tap } from 'rxjs';
import { key, type Split, type Weights } from '@gradstream/numerics';
import { parseRunSpec } from '@gradstream/protocol';
import { first } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { softmaxCrossEntropy } from '@gradstream/losses';
import { build, initialize } from '@gradstream/models';
import { buildParts, evaluate, RUN, steps as everySteps } from '@gradstream/pipeline';
import { fitCriticalBatch, noiseScaleOf } from '../curvature/noise-scale.ts';
import { surfaceOf } from '../curvature/surface.ts';
import { study, type StudyParts } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { readData, type TrainingOptions } from './training.ts';

export interface BatchScalingOptions extends Pick<TrainingOptions, 'data' | 'model'> {
  /** Batch sizes with the learning rates to try at each. */
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  /** The loss to reach, on the first `watched` training examples. */
  readonly target: number;
  readonly watched: number;
  /** Steps after which a rate is given up, by batch size: most examples seen divided by the size. */
  readonly mostExamples: number;
  /** The run along which the noise scale is measured, early, late and where the loss passes the target; each number is a mean over `runs`. */
  readonly noise: { readonly size: number; readonly learningRate: number; readonly early: number; readonly late: number; readonly examples: number; readonly runs: number };
}

/**
 * McCandlish, Kaplan, Amodei et al. 2018; Shallue et al. 2019: steps to a loss against the batch size, each at its best learning
 * rate, fitted by S = S_min (1 + B_crit / B), beside the gradient noise scale of a run.
 */
export const batchScaling = study<BatchScalingOptions>('batch-scaling', async ({ sizes, noise, ...options }, seed, parts) => {
  await useBackend();
  const { train } = await readData(options, seed, parts);
  const measured: Record<string, number> = {};
  const needed: { size: number; steps: number }[] = [];
  for (const [name, rates] of Object.entries(sizes)) {
    const size = Number(name);
    let best = { steps: Math.ceil(options.mostExamples / size), rate: NaN };
    // A rate is given up once it is slower than the best one so far.
    for (const rate of rates) {
      const steps = await stepsToTarget(train, size, rate, best.steps, options, seed, parts);
      if (steps < best.steps) best = { steps, rate };
    }
    needed.push({ size, steps: best.steps });
    measured[`steps${size}`] = best.steps;
    measured[`examples${size}`] = best.steps * size;
    measured[`rate${size}`] = best.rate;
  }
  const { fewestSteps, critical } = fitCriticalBatch(needed);
  const along = { early: 0, late: 0, atTarget: 0 };
  for (let run = 0; run < noise.runs; run++) {
    const scales = await noiseAlong(train, noise, options, seed * noise.runs + run, parts);
    for (const when of ['early', 'late', 'atTarget'] as const) along[when] += scales[when] / noise.runs;
  }
  const counts = needed.map(({ steps }) => steps);
  const [smallest, largest] = [needed[0], needed.at(-1)!];
  return {
    ...measured,
    fewestSteps, critical,
    fewerSteps: smallest.steps / Math.min(...counts),
    moreExamples: (largest.steps * largest.size) / (smallest.steps * smallest.size),
    noiseEarly: along.early, noiseLate: along.late, noiseAtTarget: along.atTarget,
    noiseGrowth: along.late / along.early, noiseOverCritical: along.atTarget / critical,
  };
});

/** The run of some batches, down to its step events. */
function runOf(train: Split, batches: { readonly size: number; readonly steps: number }, learningRate: number, { model }: Pick<BatchScalingOptions, 'model'>, seed: number, { registries, compose }: StudyParts) {
  const made = buildParts(parseRunSpec({ version: 1, seed, data: 'given', loss: 'softmaxCrossEntropy', model, optimizer: { name: 'sgd', learningRate }, batches: { ...batches, lastBatch: 'drop' } }, 'batch-scaling'), 'batch-scaling', registries);
  return { run$: compose(made, { train }), model: build(made.model, train.inputShape, train.targets.width) };
}

/** Steps until the watched loss is at most the target, to about 2 %; `most` where it is not reached by then. */
async function stepsToTarget(train: Split, size: number, rate: number, most: number, options: BatchScalingOptions | Omit<BatchScalingOptions, 'sizes' | 'noise'>, seed: number, parts: StudyParts): Promise<number> {
  const { run$ } = runOf(train, { size, steps: most }, rate, options, seed, parts);
  let reached = most;
  await lastValueFrom(run$.pipe(
    evaluate(first(train, options.watched), { every: everySteps(Math.max(2, Math.round(most / 50))), size: options.watched }),
    tap((event) => {
      if (event.type === 'evaluation' && event.metrics['train/loss'] <= options.target) reached = event.step + 1;
    }),
    takeWhile((event) => !(event.type === 'evaluation' && event.metrics['train/loss'] <= options.target), true),
  ), { defaultValue: undefined });
  return reached;
}

/** The gradient noise scale early, late, and at the step where the watched loss passes the target. */
async function noiseAlong(train: Split, { size, learningRate, early, late, examples }: BatchScalingOptions['noise'], { target, watched, model: document }: Pick<BatchScalingOptions, 'target' | 'watched' | 'model'>, seed: number, parts: StudyParts): Promise<{ early: number; late: number; atTarget: number }> {
  const { run$, model } = runOf(train, { size, steps: late }, learningRate, { model: document }, seed, parts);
  const kept: { early?: Weights; late?: Weights; atTarget?: Weights } = {};
  await lastValueFrom(run$.pipe(
    evaluate(first(train, watched), { every: everySteps(10), size: watched }),
    filter((event) => event.type !== 'stop'),
    map((event) => {
      const weights = () => event[RUN].trainer.weights();
      if (event.type === 'step' && event.step + 1 === early) kept.early = weights();
      if (event.type === 'step' && event.step + 1 === late) kept.late = weights();
      if (event.type === 'evaluation' && event.metrics['train/loss'] <= target) kept.atTarget ??= weights();
      return event;
    }),
  ));
  const surface = surfaceOf(model, softmaxCrossEntropy(), allOf(train, examples), initialize(model, key(seed)), { size });
  try {
    const scaleOf = (weights: Weights | undefined): number => (weights ? noiseScaleOf(surface.gradientsByPart(surface.pointOf(weights)).map(({ gradient }) => gradient), size).scale : NaN);
    return { early: scaleOf(kept.early), late: scaleOf(kept.late), atTarget: scaleOf(kept.atTarget) };
  } finally {
    surface.dispose();
  }
}
