/** Golden weight averages, batch-norm statistics recomputed for them, and the learning-rate finder. */
import * as tf from '@tensorflow/tfjs';
import { batchNorm } from '@gradstream/models';
import { averageByEma, averageBySwa, suggestLearningRate, type Transformation } from '@gradstream/optimizers';
import { nest, type Comparison, type Engine, type Family, type GoldenCase, type Nested, type Runner } from './case.ts';
import { infosOf, trainer } from './engines.ts';
import { shapes, tensors, zeros, type Named } from './gradients.ts';
import { applied, nested, onTensors, tensor } from './layers.ts';

const number = (value: unknown): number => value as number;

/** The weights that an averaging link gives after each of a list of checkpoints. */
function averages(engine: Engine, transformation: Transformation, checkpoints: readonly Named[]): Record<string, Nested>[] {
  const shape = shapes(checkpoints[0]);
  const training = trainer(engine, transformation, infosOf(shape), zeros(checkpoints[0]));
  try {
    return checkpoints.map((target, step) => {
      const to = tensors(target);
      training.step(step, (params) => new Map([...to].map(([name, values]) => [name, values.map((x, i) => x - params.get(name)![i])])));
      return Object.fromEntries([...training.evaluationParams()].map(([name, values]) => [name, nest(values, shape.get(name)!)]));
    });
  } finally {
    training.close();
  }
}

const averagesBy = (make: (golden: GoldenCase) => Transformation) => (golden: GoldenCase, engine: Engine): readonly Comparison[] => {
  const { checkpoints } = golden.input as { readonly checkpoints: readonly Named[] };
  const { average_after_each } = golden.output as { readonly average_after_each: unknown };
  return [{ what: 'averages', actual: averages(engine, make(golden), checkpoints), expected: average_after_each }];
};

/** Statistics from nothing, each batch with the same weight. */
const updateStatistics: Runner = onTensors(({ input, output }) => {
  const { batches } = input as { readonly batches: readonly Nested[] };
  const { running_mean, running_var } = output as { readonly running_mean: readonly number[]; readonly running_var: readonly number[] };
  const layer = batchNorm({ momentum: 'cumulative', eps: 1e-5, affine: false });
  let state: Record<string, tf.Tensor> = { mean: tf.zeros([running_mean.length]), variance: tf.ones([running_var.length]), batches: tf.zeros([1]) };
  for (const batch of batches) state = { ...state, ...applied(layer, tensor(batch), state, { training: true }).buffers };
  return [
    { what: 'running mean', actual: nested(state.mean), expected: running_mean },
    { what: 'running variance', actual: nested(state.variance), expected: running_var },
  ];
});

export const averaging: Family = {
  swa_average: averagesBy(() => averageBySwa()),
  ema_average: averagesBy(({ hyper }) => averageByEma({ decay: number(hyper.decay), warmup: hyper.warmup !== undefined, start: hyper.debias ? 'zero' : 'copy' })),
  update_bn: updateStatistics,
  lr_finder: ({ hyper, input, output }, { name }) => {
    if (name !== 'float64') return undefined;
    const { lrs, losses } = input as { readonly lrs: readonly number[]; readonly losses: readonly number[] };
    const { smoothed, steepest, minimum } = suggestLearningRate(lrs, losses, { beta: number(hyper.beta), skipBegin: number(hyper.skip_begin) });
    const actual = { smoothed, steepest_index: steepest?.index, lr_steepest: steepest?.rate, minimum_index: minimum?.index, lr_minimum_over_10: minimum?.rate };
    return [{ what: 'suggestion', actual, expected: output }];
  },
};
