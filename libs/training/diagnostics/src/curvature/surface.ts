import * as tf from '@tensorflow/tfjs-core';
import { checkFits, key, sizeOf, type Batch, type Examples, type Weights } from '@gradstream/numerics';
import { compile, feedInputs, feedTargets } from '@gradstream/engine';
import type { Objective } from '@gradstream/losses';
import { apply, type BuiltLayer, type BuiltModel, type BuiltParam } from '@gradstream/models';
import { freeze } from '@gradstream/optimizers';

/** A point in weight space: all trained params one after another, in the model's order. */
export type Point = Float32Array | Float64Array;

/** A loss as a function of a point: what curvature is measured of. */
export interface Surface {
  readonly size: number;
  loss(at: Point): number;
  gradient(at: Point): { readonly loss: number; readonly gradient: Point };
}

/** A surface over a model's weights; its tensors live until `dispose`. */
export interface ModelSurface extends Surface {
  readonly params: readonly BuiltParam[];
  /** The point of some weights, and back; buffers stay as they were given, and a Float32Array is not copied. */
  pointOf(weights: Weights): Float64Array;
  weightsAt(point: Point): Weights;
  /** Loss and gradient of each part of `SurfaceOptions.size` examples; the whole gradient is their mean. */
  gradientsByPart(at: Point): readonly { readonly loss: number; readonly gradient: Float32Array }[];
  /** Number of gradients taken so far: what a probe costs. */
  readonly gradients: number;
  dispose(): void;
}

const evaluationKey = key(0);

export interface SurfaceOptions {
  /** Examples that go through at a time. Default 1,000. */
  readonly size?: number;
  /**
   * Takes gradients by the engine's compiled step where no layer of the model behaves otherwise while it trains: several times faster,
   * and the same but for rounding. Default false.
   */
  readonly compiled?: boolean;
}

/**
 * The mean loss of some examples as a function of the weights, without training-time randomness and with the running
 * statistics of `weights`. Needs a backend (`useBackend`). A gradient costs one forward and one backward pass.
 *
 * @throws InputError when the weights do not fit the model
 */
export function surfaceOf(model: BuiltModel, objective: Objective, examples: Examples, weights: Weights, { size: chunk = 1_000, compiled = false }: SurfaceOptions = {}): ModelSurface {
  checkFits('surfaceOf', model.params, weights);
  const params = model.params.filter(({ role }) => role !== 'buffer');
  const buffers = Object.fromEntries(model.params.filter(({ role }) => role === 'buffer').map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])]));
  const divisions = divided(examples, chunk);
  const chunks = divisions.map((part) => ({ inputs: feedInputs(part), targets: feedTargets(part), share: part.size / examples.size }));
  const size = params.reduce((n, { shape }) => n + sizeOf(shape), 0);
  let gradients = 0;
  const step = compiled && model.layers.every(isSteady) ? compile({ model, objective, regularizers: [], optimizer: freeze(), key: evaluationKey }) : undefined;

  const tensorsAt = (point: Point): tf.Tensor[] => {
    let at = 0;
    return params.map(({ shape }) => tf.tensor(new Float32Array(point.subarray(at, (at += sizeOf(shape)))), [...shape]));
  };
  const lossOf = (values: readonly tf.Tensor[], { inputs, targets }: (typeof chunks)[number]): tf.Scalar => {
    const named = { ...buffers, ...Object.fromEntries(params.map(({ name }, i) => [name, values[i]])) };
    return objective.loss(apply(model, named, inputs, { training: false, key: evaluationKey }).outputs, targets);
  };

  const buffered = model.params.filter(({ role }) => role === 'buffer').map(({ name }) => [name, weights.get(name)!] as const);
  const weightsAt = (point: Point): Weights => {
    let at = 0;
    const values = point instanceof Float32Array ? point : new Float32Array(point);
    return new Map([...params.map(({ name, shape }) => [name, { shape, values: values.subarray(at, (at += sizeOf(shape))) }] as const), ...buffered]);
  };

  const gradientsByPart = (point: Point): { loss: number; gradient: Float32Array }[] => {
    step?.restore({ weights: weightsAt(point) });
    return chunks.map((part, i) => {
      const gradient = new Float32Array(size);
      const put = (all: readonly tf.Tensor[]): void => void all.reduce((at, each) => (gradient.set(each.dataSync<'float32'>(), at), at + each.size), 0);
      if (!step) {
        return tf.tidy(() => {
          const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => lossOf(values, part))(tensorsAt(point));
          put(grads);
          return { loss: value.dataSync()[0], gradient };
        });
      }
      const outcome = step.step({ ...divisions[i], ...NOWHERE });
      const loss = outcome.scalars([]).read()[0];
      const named = outcome.view().gradients;
      put(params.map(({ name }) => named[name]));
      outcome.release();
      return { loss, gradient };
    });
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
      const parts = gradientsByPart(point);
      if (parts.length === 1) return parts[0];
      const whole = new Float64Array(size);
      let sum = 0;
      parts.forEach(({ loss, gradient }, part) => {
        const { share } = chunks[part];
        sum += share * loss;
        for (let i = 0; i < size; i++) whole[i] += share * gradient[i];
      });
      return { loss: sum, gradient: whole };
    },
    gradientsByPart(point) {
      gradients++;
      return gradientsByPart(point);
    },
    pointOf(given) {
      const point = new Float64Array(size);
      params.reduce((at, { name, shape }) => {
        point.set(given.get(name)!.values, at);
        return at + sizeOf(shape);
      }, 0);
      return point;
    },
    weightsAt,
    dispose() {
      step?.dispose();
      for (const { inputs, targets } of chunks) tf.dispose([inputs, targets.values]);
      tf.dispose(buffers);
    },
  };
}

/** Where in a run a gradient stands that no run takes. */
const NOWHERE: Pick<Batch, 'step' | 'epoch' | 'index' | 'batchesPerEpoch' | 'ids' | 'key'> = { step: 0, epoch: 0, index: 0, batchesPerEpoch: 1, ids: new Uint32Array(), key: evaluationKey };

/** Kinds of layers that do the same in training as in evaluation. */
const STEADY: ReadonlySet<string> = new Set(['activation', 'averagePool', 'conv1d', 'conv2d', 'dense', 'depthwiseConv2d', 'flatten', 'globalAveragePool', 'groupNorm', 'instanceNorm', 'layerNorm', 'maxPool', 'randomProjection', 'residual', 'rmsNorm']);
const isSteady = ({ layer, inner = [] }: BuiltLayer): boolean => STEADY.has(layer.kind) && inner.every(isSteady);

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
