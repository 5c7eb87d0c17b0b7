import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { checkFits, fold, type Examples, type Key, type Weights } from '@gradstream/numerics';
import type { Objective } from '@gradstream/losses';
import { apply, build, type BuiltModel, type Layer } from '@gradstream/models';
import { feedInputs, feedTargets } from './feed.ts';

/** Evaluates given weights, beside whatever trains. */
export interface Evaluator {
  /** Outputs (row-major, batch in front) and mean evaluation loss of some examples. */
  evaluate(examples: Examples): { readonly outputs: Float32Array; readonly loss: number };
  dispose(): void;
}

const onBackend = (model: BuiltModel, weights: Weights): Record<string, Tensor> => Object.fromEntries(model.params.map(({ name, shape }) => [name, tensor(weights.get(name)!.values, [...shape], 'float32')]));

/** An evaluator of weights that are not (or no longer) those of a trainer: the best so far, an average. */
export function evaluator(model: BuiltModel, objective: Objective, weights: Weights, key: Key): Evaluator {
  checkFits('evaluator', model.params, weights);
  const params = onBackend(model, weights);
  const lossOf = (objective.evaluationLoss ?? objective.loss).bind(objective);
  return {
    evaluate: (examples) =>
      tidy(() => {
        const { outputs } = apply(model, params, feedInputs(examples), { training: false, key });
        return { outputs: outputs.dataSync<'float32'>().slice(), loss: lossOf(outputs, feedTargets(examples)).dataSync()[0] };
      }),
    dispose: () => Object.values(params).forEach((param) => param.dispose()),
  };
}

/**
 * Running statistics of batch normalization for weights that never trained themselves, such as an average of weights
 * (SWA, EMA): the plain mean of the statistics of the given batches, each with the same weight, as torch's `update_bn`.
 * Izmailov et al. 2018, https://arxiv.org/abs/1803.05407, section 3.2.
 *
 * @returns the same weights with fresh `mean` and `variance`; unchanged where the model has no batch normalization
 */
export function recomputeNorms(model: BuiltModel, weights: Weights, batches: Iterable<Pick<Examples, 'inputs' | 'inputShape'>>, key: Key): Weights {
  checkFits('recomputeNorms', model.params, weights);
  const buffers = model.params.filter(({ role, name }) => role === 'buffer' && /\/(mean|variance)$/.test(name));
  if (buffers.length === 0) return weights;
  // With all weight on the new batch, what a layer hands on is that batch's own statistics.
  const width = model.outputShape.at(-1)!;
  const ofBatch = build({ name: model.model.name, layers: (shape, outputs) => model.model.layers(shape, outputs).map(withoutMemory) }, model.inputShape, width);
  const params = onBackend(ofBatch, weights);
  const sums = new Map(buffers.map(({ name, shape }) => [name, new Float64Array(shape.reduce((n, d) => n * d, 1))]));
  let count = 0;
  try {
    for (const batch of batches) {
      tidy(() => {
        const pass = apply(ofBatch, params, feedInputs(batch), { training: true, key: fold(key, count) });
        for (const [name, sum] of sums) pass.buffers[name].dataSync<'float32'>().forEach((value, i) => (sum[i] += value));
      });
      count++;
    }
  } finally {
    Object.values(params).forEach((param) => param.dispose());
  }
  if (count === 0) return weights;
  return new Map([...weights].map(([name, weight]) => [name, sums.has(name) ? { shape: weight.shape, values: Float32Array.from(sums.get(name)!, (sum) => sum / count) } : weight]));
}

function withoutMemory(layer: Layer): Layer {
  if (layer.kind === 'batchNorm') return { ...layer, momentum: layer['convention'] === 'keras' ? 0 : 1 };
  const inner = layer['layers'];
  return Array.isArray(inner) ? { ...layer, layers: (inner as readonly Layer[]).map(withoutMemory) } : layer;
}
