/** Golden normalizations: batch statistics in both conventions with their gradients, norms of one example, standardized weights, spectral norm. */
import * as tf from '@tensorflow/tfjs';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm, standardizeKernel, type Layer } from '@gradstream/models';
import { largestSingular, spectralNorm } from '@gradstream/regularizers';
import type { Comparison, Family, GoldenCase, Runner } from './case.ts';
import { applied, each, floats, nested, onArrays, onTensors, tensor } from './layers.ts';

type Named = Readonly<Record<string, unknown>>;

/** Outputs of a layer and, where a case has `dy`, the gradients of x and of the affine params. */
function compared(layer: Layer, given: Named, state: Readonly<Record<string, tf.Tensor>>, affine: readonly string[], training: boolean, what: string, expected: Named = given): { comparisons: Comparison[]; buffers: Record<string, tf.Tensor> } {
  const point = [tensor(given.x), ...affine.map((name) => state[name])];
  const run = (x: tf.Tensor, ...values: tf.Tensor[]) => applied(layer, x, { ...state, ...Object.fromEntries(affine.map((name, i) => [name, values[i]])) }, { training });
  const { outputs, buffers } = run(...(point as [tf.Tensor]));
  const comparisons: Comparison[] = [{ what: `${what} y`, actual: nested(outputs), expected: expected.y }];
  if (given.dy) {
    const gradients = tf.grads((...moving: tf.Tensor[]) => run(...(moving as [tf.Tensor])).outputs)(point, tensor(given.dy));
    ['x', ...affine].forEach((name, i) => {
      if (expected[`d${name}`]) comparisons.push({ what: `${what} d${name}`, actual: nested(gradients[i]), expected: expected[`d${name}`] });
    });
  }
  return { comparisons, buffers };
}

function runBatchNorm({ hyper, input, train, eval: evaluation }: GoldenCase): readonly Comparison[] {
  const keras = hyper.unbiased_running_var === false;
  const momentum = hyper.momentum === null ? 'cumulative' : (hyper.momentum as number);
  const layer = batchNorm({ convention: keras ? 'keras' : 'torch', momentum, eps: hyper.eps as number, affine: hyper.affine as boolean });
  const affine = hyper.affine ? ['gamma', 'beta'] : [];
  const batches = train as readonly Named[];
  const channels = (batches[0].running_mean as readonly number[]).length;
  let state: Record<string, tf.Tensor> = {
    ...Object.fromEntries(affine.map((name) => [name, tensor((input as Named)[name])])),
    mean: tf.zeros([channels]),
    variance: tf.ones([channels]),
    batches: tf.zeros([1]),
  };
  const comparisons = batches.flatMap((batch, i) => {
    const { comparisons, buffers } = compared(layer, batch, state, affine, true, `batch ${i}`);
    state = { ...state, ...buffers };
    return [
      ...comparisons,
      { what: `running mean after batch ${i}`, actual: nested(state.mean), expected: batch.running_mean },
      { what: `running variance after batch ${i}`, actual: nested(state.variance), expected: batch.running_var },
    ];
  });
  return evaluation ? [...comparisons, ...compared(layer, evaluation as Named, state, affine, false, 'evaluation').comparisons] : comparisons;
}

/** A normalization of single examples; the same in training and in evaluation. */
const norm = (make: (hyper: Readonly<Record<string, number>>) => Layer): Runner => ({ hyper, input, output }) => {
  const given = input as Named;
  const affine = ['gamma', 'beta'].filter((name) => name in given);
  const state = Object.fromEntries(affine.map((name) => [name, tensor(given[name])]));
  const of = (training: boolean) => compared(make(hyper as Readonly<Record<string, number>>), given, state, affine, training, training ? 'training' : 'evaluation', output as Named).comparisons;
  return [...of(true), ...of(false)];
};

export const normalization: Family = {
  ...each(onTensors, {
    bn1d: runBatchNorm,
    bn2d: runBatchNorm,
    layer_norm: norm(({ eps }) => layerNorm({ eps })),
    group_norm: norm(({ eps, groups }) => groupNorm({ eps, groups })),
    instance_norm: norm(({ eps }) => instanceNorm({ eps })),
    rms_norm: norm(({ eps }) => rmsNorm({ eps })),
    weight_standardization: ({ hyper, input, output }) => [{ what: 'w', actual: nested(standardizeKernel(tensor((input as Named).w), hyper.eps as number)), expected: (output as Named).w }],
  }),
  spectral_norm: onArrays(({ input, output }) => {
    const rows = (input as { readonly w: readonly (readonly number[])[] }).w;
    const [values, columns] = [floats(rows), rows[0].length];
    const sigma = largestSingular(values, rows.length, columns, 500).value;
    spectralNorm({ max: 1, iterations: 500 }).project(values, { name: 'w', shape: [rows.length, columns], role: 'kernel' });
    return [
      { what: 'sigma', actual: sigma, expected: (output as Named).sigma },
      { what: 'w', actual: rows.map((_, r) => [...values.slice(r * columns, (r + 1) * columns)]), expected: (output as Named).w },
    ];
  }),
};
