import { softmaxCrossEntropy } from '@gradstream/losses';
import { initialize } from '@gradstream/models';
import { fold, key } from '@gradstream/numerics';
import { epsilonSharpness, lossBetween } from '../curvature/sharpness.ts';
import { hessianTrace, largestEigenvalue } from '../curvature/hessian.ts';
import { surfaceOf } from '../curvature/surface.ts';
import { study } from '../recipe/study.ts';
import { allOf } from '../split-arrays.ts';
import { endMeasures } from './measures.ts';
import { trainOnce, type TrainingOptions } from './training.ts';

const objective = softmaxCrossEntropy();

/** Keskar et al. 2017: how sharp the solution is that a batch size leads to, at equal training loss. */
export const batchSharpness = study<TrainingOptions & { readonly probed: number }>('batch-sharpness', async ({ probed, ...options }, seed, parts) => {
  const { model, weights, data, steps, epochs } = await trainOnce(options, seed, parts);
  const train = allOf(data.train);
  const surface = surfaceOf(model, objective, allOf(data.train, probed), weights);
  try {
    const at = surface.pointOf(weights);
    const from = key(seed);
    const { sharpness } = epsilonSharpness(surface, at, { key: from });
    const { value: lambdaMax } = largestEigenvalue(surface, at, { key: from, iterations: 40, tolerance: 0.01 });
    const { trace } = hessianTrace(surface, at, { key: from, probes: 10 });
    return { sharpness, lambdaMax, trace, steps, epochs, ...endMeasures(model, weights, train, allOf(data.test)) };
  } finally {
    surface.dispose();
  }
});

/** Keskar's parametric plot: the loss along the line from the small-batch solution (0) to the large-batch one (1), from −1 to 2. */
export const batchSlice = study<TrainingOptions & { readonly sizes: readonly [number, number]; readonly probed: number }>('batch-slice', async ({ sizes, probed, ...options }, seed, parts) => {
  const [small, large] = [
    await trainOnce({ ...options, batches: { ...options.batches, size: sizes[0] } }, seed, parts),
    await trainOnce({ ...options, batches: { ...options.batches, size: sizes[1] } }, seed, parts),
  ];
  const surface = surfaceOf(small.model, objective, allOf(small.data.train, probed), initialize(small.model, fold(key(seed), 'init')));
  try {
    const alphas = Array.from({ length: 31 }, (_, i) => -1 + i / 10);
    const losses = lossBetween(surface, surface.pointOf(small.weights), surface.pointOf(large.weights), alphas);
    const between = Math.max(...losses.slice(10, 21));
    return { atMinus1: losses[0], at0: losses[10], at1: losses[20], at2: losses[30], ratio: losses[30] / losses[0], barrier: between - Math.max(losses[10], losses[20]) };
  } finally {
    surface.dispose();
  }
});
