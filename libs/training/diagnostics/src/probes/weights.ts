import * as tf from '@tensorflow/tfjs-core';
import { checkOptions, key, positiveInteger, sizeOf, type Examples, type Split, type Weights } from '@gradstream/numerics';
import { feedInputs } from '@gradstream/engine';
import { apply, type BuiltModel } from '@gradstream/models';
import { surfaceOf } from '../curvature/surface.ts';
import { norm } from '../linear-algebra.ts';
import { allOf } from '../split-arrays.ts';
import { notTest, type Diagnostic } from './probe.ts';

export interface WeightStatisticsOptions {
  /** Examples whose gradient is measured; 0 leaves gradients out. Default 128. */
  readonly examples?: number;
}

/**
 * Of each trained param: `weights/norm/<param>`, `…/mean/…` and `…/deviation/…`; the norm of its gradient over some examples,
 * `…/gradient/…`; and `…/update/…`, how far it moved since the last moment, per step, as a share of its norm. About 1e-3 is usual for a
 * tuned rate: far less trains slowly, far more is at the edge of not training at all.
 */
export function weightStatistics(split: Split, options: WeightStatisticsOptions = {}): Diagnostic {
  checkOptions('weightStatistics', options, { examples: { ...positiveInteger, says: 'a whole number of at least 0', accepts: (x) => x === 0 || positiveInteger.accepts(x) } });
  notTest('weightStatistics', split);
  const { examples = 128 } = options;
  return {
    name: 'weights',
    begin({ trainer: { model, objective } }) {
      const trained = model.params.filter(({ role }) => role !== 'buffer');
      const some = examples > 0 ? allOf(split, examples) : undefined;
      let before: { readonly step: number; readonly weights: Weights } | undefined;
      return {
        read(weights, { step }) {
          const metrics: Record<string, number> = {};
          for (const { name } of trained) {
            const { values } = weights.get(name)!;
            const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
            metrics[`norm/${name}`] = norm(values);
            metrics[`mean/${name}`] = mean;
            metrics[`deviation/${name}`] = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
            const old = before?.weights.get(name)!.values;
            if (old) metrics[`update/${name}`] = norm(values.map((value, i) => value - old[i])) / (step - before!.step) / (metrics[`norm/${name}`] || 1);
          }
          if (some) gradientNorms(model, some, weights, objective, metrics);
          before = { step, weights };
          return { metrics };
        },
      };
    },
  };
}

function gradientNorms(model: BuiltModel, some: Examples, weights: Weights, objective: Parameters<typeof surfaceOf>[1], metrics: Record<string, number>): void {
  const surface = surfaceOf(model, objective, some, weights);
  try {
    const { gradient } = surface.gradient(surface.pointOf(weights));
    let at = 0;
    for (const { name, shape } of surface.params) metrics[`gradient/${name}`] = norm(gradient.subarray(at, (at += sizeOf(shape))));
  } finally {
    surface.dispose();
  }
}

export interface DeadUnitsOptions {
  /** Examples that a unit must be silent on to count as dead: the first ones. Default 1,000. */
  readonly examples?: number;
}

/**
 * Units that answer 0 to every one of many examples: `units/dead`, their share in all layers that end in a rectifier, and
 * `units/dead/<layer>`. A unit whose gradient is 0 on all data does not come back by itself; a rate that was too high is the usual cause.
 */
export function deadUnits(split: Split, options: DeadUnitsOptions = {}): Diagnostic {
  checkOptions('deadUnits', options, { examples: positiveInteger });
  notTest('deadUnits', split);
  const { examples = 1_000 } = options;
  return {
    name: 'units',
    begin({ trainer: { model } }) {
      const some = allOf(split, examples);
      return {
        read(weights) {
          const layers = silentUnits(model, weights, some);
          const [dead, all] = layers.reduce(([d, a], { silent, units }) => [d + silent, a + units], [0, 0]);
          return { metrics: { dead: all === 0 ? 0 : dead / all, ...Object.fromEntries(layers.map(({ name, silent, units }) => [`dead/${name}`, silent / units])) } };
        },
      };
    },
  };
}

/** Of each top-level layer that rectifies: its units or channels, and how many are 0 on all examples. */
export function silentUnits(model: BuiltModel, weights: Weights, examples: Pick<Examples, 'inputs' | 'inputShape'>): readonly { readonly name: string; readonly units: number; readonly silent: number }[] {
  return tf.tidy(() => {
    const params = Object.fromEntries(model.params.map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])]));
    let x = feedInputs(examples);
    return model.layers.flatMap((built) => {
      x = apply({ ...model, inputShape: built.inputShape, outputShape: built.outputShape, layers: [built], params: built.params }, params, x, { training: false, key: key(0) }).outputs;
      if (built.layer['activation'] !== 'relu' && built.layer['of'] !== 'relu') return [];
      const top = tf.max(tf.reshape(x, [-1, x.shape.at(-1)!]), 0).dataSync();
      return [{ name: built.name, units: top.length, silent: top.filter((value) => value <= 0).length }];
    });
  });
}
