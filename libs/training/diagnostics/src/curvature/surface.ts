import * as tf from '@tensorflow/tfjs-core';
import { checkFits, key, sizeOf, type Examples, type Weights } from '@gradstream/numerics';
import { feedInputs, feedTargets } from '@gradstream/engine';
import type { Objective } from '@gradstream/losses';
import { apply, type BuiltModel, type BuiltParam } from '@gradstream/models';

/** A point in weight space: all trained params one after another, in the model's order. */
export type Point = Float32Array | Float64Array;

/** A loss as a function of a point: what curvature is measured of. */
export interface Surface {
  readonly size: number;
  loss(at: Point): number;
  gradient(at: Point): { readonly loss: number; readonly gradient: Float64Array };
}

/** A surface over a model's weights; its tensors live until `dispose`. */
export interface ModelSurface extends Surface {
  readonly params: readonly BuiltParam[];
  /** The point of some weights, and back; buffers stay as they were given. */
  pointOf(weights: Weights): Float64Array;
  weightsAt(point: Point): Weights;
  /** Number of gradients taken so far: what a probe costs. */
  readonly gradients: number;
  dispose(): void;
}

const evaluationKey = key(0);

/**
 * The mean loss of some examples as a function of the weights, without training-time randomness and with the running
 * statistics of `weights`. Needs a backend (`useBackend`). A gradient costs one forward and one backward pass.
 *
 * @param parts examples that go through at a time. Default 1,000
 * @throws InputError when the weights do not fit the model
 */
export function surfaceOf(model: BuiltModel, objective: Objective, examples: Examples, weights: Weights, { size: chunk = 1_000 }: { readonly size?: number } = {}): ModelSurface {
  checkFits('surfaceOf', model.params, weights);
  const params = model.params.filter(({ role }) => role !== 'buffer');
  const buffers = Object.fromEntries(model.params.filter(({ role }) => role === 'buffer').map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])]));
  const chunks = divided(examples, chunk).map((part) => ({ inputs: feedInputs(part), targets: feedTargets(part), share: part.size / examples.size }));
  const size = params.reduce((n, { shape }) => n + sizeOf(shape), 0);
  let gradients = 0;

  const tensorsAt = (point: Point): tf.Tensor[] => {
    let at = 0;
    return params.map(({ shape }) => {
      const values = Float32Array.from(point.subarray(at, at + sizeOf(shape)));
      at += values.length;
      return tf.tensor(values, [...shape]);
    });
  };
  const lossOf = (values: readonly tf.Tensor[], { inputs, targets }: (typeof chunks)[number]): tf.Scalar => {
    const named = { ...buffers, ...Object.fromEntries(params.map(({ name }, i) => [name, values[i]])) };
    return objective.loss(apply(model, named, inputs, { training: false, key: evaluationKey }).outputs, targets);
  };

  return {
    size,
    params,
    get gradients() {
      return gradients;
    },
    loss: (point) => chunks.reduce((sum, part) => sum + part.share * tf.tidy(() => lossOf(tensorsAt(point), part).dataSync()[0]), 0),
    gradient(point) {
      gradients++;
      const gradient = new Float64Array(size);
      let loss = 0;
      for (const part of chunks) {
        tf.tidy(() => {
          const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => lossOf(values, part))(tensorsAt(point));
          loss += part.share * value.dataSync()[0];
          let at = 0;
          for (const g of grads) for (const each of g.dataSync<'float32'>()) gradient[at++] += part.share * each;
        });
      }
      return { loss, gradient };
    },
    pointOf(given) {
      const point = new Float64Array(size);
      params.reduce((at, { name, shape }) => {
        point.set(given.get(name)!.values, at);
        return at + sizeOf(shape);
      }, 0);
      return point;
    },
    weightsAt(point) {
      let at = 0;
      const trained = new Map(params.map(({ name, shape }) => {
        const values = Float32Array.from(point.subarray(at, at + sizeOf(shape)));
        at += values.length;
        return [name, { shape, values }];
      }));
      return new Map(model.params.map(({ name }) => [name, trained.get(name) ?? weights.get(name)!]));
    },
    dispose() {
      for (const { inputs, targets } of chunks) tf.dispose([inputs, targets.values]);
      tf.dispose(buffers);
    },
  };
}

function divided(examples: Examples, size: number): Examples[] {
  const { inputs, inputShape, targets } = examples;
  const width = inputs.length / examples.size;
  const targetWidth = targets.values.length / examples.size;
  return Array.from({ length: Math.ceil(examples.size / size) }, (_, i) => {
    const [from, to] = [i * size, Math.min(examples.size, (i + 1) * size)];
    return {
      size: to - from,
      inputShape: [to - from, ...inputShape.slice(1)],
      inputs: inputs.subarray(from * width, to * width),
      targets: { ...targets, shape: [to - from, ...targets.shape.slice(1)], values: targets.values.subarray(from * targetWidth, to * targetWidth) },
    } as Examples;
  });
}
