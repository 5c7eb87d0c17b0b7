import { applyAll, type Augmentation } from '@gradstream/augment';
import type { Data } from '@gradstream/datasets';
import { compile, type Trainer } from '@gradstream/engine';
import { buildFrom, key, type Batch, type Examples, type Split, type Weights } from '@gradstream/numerics';
import { build } from '@gradstream/models';
import { batches, buildParts, type Monitor, registries, stoppingMonitor } from '@gradstream/pipeline';
import { filter, finalize, map, type Observable, tap } from 'rxjs';
import type { Plane } from '../../train/messages.ts';
import { softmax, surfaceOf } from '../../train/surface.ts';
import { unitsOf } from '../../train/units.ts';
import { type ArmName, armOf } from './arms.ts';
import { type RegularizationSettings, specOf } from './regularization.settings.ts';

/** Cross-entropy against the plain labels, whatever an arm minimises, and the share of wrong answers. */
export interface Score {
  readonly loss: number;
  readonly error: number;
}

/** One arm after an epoch. */
export interface Standing {
  readonly name: ArmName;
  readonly train: Score;
  readonly validation: Score;
  /** The epoch whose weights these are: an earlier one where early stopping went back to its best. */
  readonly epoch: number;
  readonly stopped: boolean;
}

/** What is drawn of an arm. */
export interface ArmPicture {
  readonly name: ArmName;
  /** Class probabilities on a grid of the plane, [side, side, classes]. */
  readonly probabilities: Float32Array;
  /** All weights of its kernels. */
  readonly weights: Float32Array;
}

export interface Progress {
  readonly epoch: number;
  readonly standings: readonly Standing[];
  /** At most `mostPictures` times in a run. */
  readonly pictures?: readonly ArmPicture[];
}

export const pictureSide = 40;
const mostPictures = 20;

/** One arm in training. */
export interface Contender {
  readonly name: ArmName;
  readonly trainer: Trainer;
  readonly augmentations: readonly Augmentation[];
  readonly monitor?: Monitor;
  /** The best so far, where evaluations decide. */
  best?: { readonly weights: Weights; readonly epoch: number; readonly train: Score; readonly validation: Score };
  stopped: boolean;
}

/** The data of all arms. */
export const dataOf = async (settings: RegularizationSettings): Promise<Data> => buildFrom<Data | Promise<Data>>(registries, 'dataset', specOf(settings, armOf('none'), 0).data, 'regularization: data');

/** Makes the arms: each from its run document, all from the same seed. A backend must run. */
export const contendersOf = (settings: RegularizationSettings, { train }: Pick<Data, 'train'>): readonly Contender[] => settings.chosen.map(({ name, place }) => {
  const spec = specOf(settings, armOf(name), place);
  const { model, objective, regularizers, optimizer, augmentations, earlyStopping } = buildParts(spec, name);
  const trainer = compile({ model: build(model, train.inputShape, train.targets.width), objective, regularizers, optimizer, key: key(settings.seed) });
  return { name, trainer, augmentations, stopped: false, ...(earlyStopping ? { monitor: stoppingMonitor({ monitor: earlyStopping.monitor, patience: earlyStopping.patience }) } : {}) };
});

/** One step of every arm that still trains, on the same batch. */
export function stepAll(contenders: readonly Contender[], batch: Batch): void {
  for (const { trainer, augmentations, stopped } of contenders) if (!stopped) trainer.step(applyAll(augmentations, batch) as Batch).release();
}

const everything = (split: Split): Examples => split.gather(Array.from({ length: split.size }, (_, i) => i));

/** Trains all arms side by side, step by step on the same batches; says after each epoch how they stand. */
export function sideBySide(settings: RegularizationSettings, data: Data, plane: Plane, contenders: readonly Contender[]): Observable<Progress> {
  const { epochs } = settings;
  const [onTrain, onValidation] = [data.train, data.validation!].map(everything);
  const every = Math.ceil(epochs / mostPictures);
  const stand = (contender: Contender, epoch: number): Standing => {
    const { name, trainer, monitor } = contender;
    if (!contender.stopped) {
      const [train, validation] = [onTrain, onValidation].map((examples) => scoreOf(trainer.evaluate(examples).outputs, examples));
      const verdict = monitor?.see({ value: validation.loss, step: epoch, epoch, train: train.loss });
      if (verdict?.best) contender.best = { weights: trainer.evaluationWeights(), epoch, train, validation };
      contender.stopped = monitor !== undefined && (verdict?.stop !== undefined || epoch === epochs);
      if (!contender.stopped) return { name, train, validation, epoch, stopped: false };
    }
    const { train, validation, epoch: from } = contender.best!;
    return { name, train, validation, epoch: from, stopped: true };
  };
  const { batches: batching } = buildParts(specOf(settings, armOf('none'), 0), 'none');
  return batches(data.train, batching).pipe(
    tap((batch) => stepAll(contenders, batch)),
    filter(({ index, batchesPerEpoch }) => index === batchesPerEpoch - 1),
    map(({ epoch: before }) => {
      const epoch = before + 1;
      const standings = contenders.map((contender) => stand(contender, epoch));
      if (epoch % every !== 0 && epoch !== epochs) return { epoch, standings };
      return { epoch, standings, pictures: contenders.map(({ name, stopped, best, trainer }) => pictureOf(name, stopped ? best!.weights : trainer.evaluationWeights(), plane)) };
    }),
    finalize(() => contenders.forEach(({ trainer }) => trainer.dispose())),
  );
}

/** Cross-entropy and error of some outputs [n, classes]. */
export function scoreOf(outputs: ArrayLike<number>, { targets: { values, width } }: Pick<Examples, 'targets'>): Score {
  let [loss, wrong] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const row = Array.from({ length: width }, (_, c) => outputs[i * width + c]);
    const top = Math.max(...row);
    loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - row[values[i]];
    if (row.indexOf(top) !== values[i]) wrong++;
  }
  return { loss: loss / values.length, error: wrong / values.length };
}

const eps = 1e-5;

/** A network in evaluation whose normalizations are taken into the dense layers before them: y = γ (x W − mean) / √(variance + ε) + β. */
export function folded(weights: Weights): Weights {
  const out = new Map(weights);
  for (let layer = 1; weights.has(`batchNorm${layer}/gamma`); layer++) {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map((name) => weights.get(`batchNorm${layer}/${name}`)!.values);
    const scale = Float64Array.from(gamma, (g, unit) => g / Math.sqrt(variance[unit] + eps));
    const { shape, values } = weights.get(`hidden${layer}/kernel`)!;
    out.set(`hidden${layer}/kernel`, { shape, values: Float64Array.from(values, (value, i) => value * scale[i % scale.length]) as unknown as Float32Array });
    out.set(`hidden${layer}/bias`, { shape: [scale.length], values: Float64Array.from(beta, (b, unit) => b - mean[unit] * scale[unit]) as unknown as Float32Array });
  }
  return out;
}

/** Class probabilities on a grid of the plane, from the weights in float64. */
export function probabilitiesOf(weights: Weights, plane: Pick<Plane, 'bounds' | 'classes'>, side: number): Float32Array {
  const { logits } = unitsOf(folded(weights), 'relu', plane, side);
  return softmax(Float32Array.from({ length: logits[0].length * plane.classes }, (_, i) => logits[i % plane.classes][Math.floor(i / plane.classes)]), plane.classes);
}

const pictureOf = (name: ArmName, weights: Weights, plane: Plane): ArmPicture => ({
  name,
  probabilities: probabilitiesOf(weights, plane, pictureSide),
  weights: Float32Array.from([...weights].flatMap(([param, { values }]) => (param.endsWith('/kernel') ? [...values] : []))),
});

/** By how much the engine's probabilities on a grid differ at most from those in float64. */
export function differenceOf(contenders: readonly Pick<Contender, 'trainer'>[], plane: Plane): number {
  let most = 0;
  for (const { trainer } of contenders) {
    const { side, probabilities } = surfaceOf(trainer, plane, 0);
    probabilitiesOf(trainer.evaluationWeights(), plane, side).forEach((value, i) => { most = Math.max(most, Math.abs(value - probabilities[i])); });
  }
  return most;
}
