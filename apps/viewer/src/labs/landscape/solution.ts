import { buildFrom, fold, key, sizeOf, type Examples, type ParamInfo, type Split, type Weights } from '@gradstream/numerics';
import type { Data } from '@gradstream/datasets';
import { useBackend } from '@gradstream/engine';
import { build, initialize } from '@gradstream/models';
import { buildParts, compose, evaluate, registries, RUN, steps } from '@gradstream/pipeline';
import { concat, defer, filter, from, map, of, switchMap, takeWhile, tap, type Observable } from 'rxjs';
import { specOf, type TrainSettings } from '../../train/settings.model.ts';
import type { ActivationName } from './mlp-surface.ts';

/** What a network became while it was trained. */
export interface Solution {
  readonly params: readonly ParamInfo[];
  readonly activation: ActivationName;
  /** The weights before the first step, at some steps on the way, and at the end: all trained params one after another. */
  readonly path: readonly { readonly step: number; readonly point: Float64Array }[];
  readonly steps: number;
  readonly epochs: number;
  /** Examples that the loss is measured on; those of training are the first of the training split. */
  readonly train: Examples;
  readonly validation: Examples;
}

/** How far a training has come. */
export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  /** On all training examples, where it decides when to stop; else on the validation split. */
  readonly loss: number;
}

export interface SolveOptions {
  /** Ends as soon as the loss on the whole training split, which is then measured eight times an epoch, is at most this. */
  readonly untilTrainLoss?: number;
  /** Checkpoints on the way, about. Default 48. */
  readonly checkpoints?: number;
  /** Examples of each split that the loss is measured on, at most. Default 300. */
  readonly probed?: number;
  /** Where a browser finds the wasm backend's binaries. */
  readonly wasmPath?: string;
}

/** Trains a network and keeps its checkpoints: progress after each epoch, the solution at the end. Nothing random but the seed's. */
export function solve(settings: TrainSettings, { untilTrainLoss, checkpoints = 48, probed = 300, wasmPath }: SolveOptions = {}): Observable<Progress | Solution> {
  return defer(() => from(prepare(settings, wasmPath))).pipe(switchMap(({ parts, data }) => {
    const model = build(parts.model, data.train.inputShape, data.train.targets.width);
    const params = model.params.map(({ name, shape, role }): ParamInfo => ({ name, shape, role }));
    const path = [{ step: 0, point: pointOf(params, initialize(model, fold(key(settings.seed), 'init'))) }];
    const perEpoch = Math.floor(data.train.size / settings.batchSize);
    const every = Math.max(1, Math.round((perEpoch * settings.epochs) / checkpoints));
    const looks = Math.ceil(perEpoch / 8);
    let taken = { steps: 0, epochs: 0 };
    let end = path[0];
    const run$ = compose(parts, untilTrainLoss === undefined ? data : { train: data.train });
    const until$ = untilTrainLoss === undefined ? run$ : run$.pipe(
      evaluate(data.train, { every: steps(looks), size: 1_000 }),
      takeWhile((event) => !(event.type === 'evaluation' && event.metrics['train/loss'] <= untilTrainLoss), true),
    );
    const progress$ = until$.pipe(
      tap((event) => {
        if (event.type !== 'step') return;
        taken = { steps: event.step + 1, epochs: event.epoch + 1 };
        const isKept = taken.steps % every === 0;
        const isSeen = untilTrainLoss === undefined ? event.index + 1 === event.batchesPerEpoch : taken.steps % looks === 0;
        if (!isKept && !isSeen) return;
        end = { step: taken.steps, point: pointOf(params, event[RUN].trainer.weights()) };
        if (isKept) path.push(end);
      }),
      filter((event) => event.type === 'evaluation'),
      map((event): Progress => ({ epoch: event.epoch + 1, epochs: settings.epochs, loss: event.metrics['validation/loss'] ?? event.metrics['train/loss'] })),
    );
    return concat(progress$, defer(() => {
      if (end.step !== path[path.length - 1].step) path.push(end);
      return of<Solution>({
        params, activation: settings.activation as ActivationName, path: thinned(path, checkpoints), ...taken,
        train: firstOf(data.train, probed), validation: firstOf(data.validation!, probed),
      });
    }));
  }));
}

async function prepare(settings: TrainSettings, wasmPath: string | undefined) {
  const parts = buildParts(specOf(settings), 'lab');
  // Bits of the planned step are the same on every visit, and it is the fastest on networks of this size.
  await useBackend({ backend: 'wasm', ...(wasmPath ? { wasmPath } : {}) }).catch(() => useBackend({ backend: 'cpu' }));
  return { parts, data: await buildFrom<Promise<Data> & object>(registries, 'dataset', parts.spec.data, 'lab: data') };
}

const firstOf = (split: Split, most: number): Examples => split.gather(Array.from({ length: Math.min(most, split.size) }, (_, i) => i));

function pointOf(params: readonly ParamInfo[], weights: Weights): Float64Array {
  const point = new Float64Array(params.reduce((n, { shape }) => n + sizeOf(shape), 0));
  let at = 0;
  for (const { name } of params) {
    const { values } = weights.get(name)!;
    point.set(values, at);
    at += values.length;
  }
  return point;
}

/** About so many of a list, its first and last among them. */
function thinned<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most + 2) return all;
  return Array.from({ length: most + 2 }, (_, i) => all[Math.round((i * (all.length - 1)) / (most + 1))]);
}
