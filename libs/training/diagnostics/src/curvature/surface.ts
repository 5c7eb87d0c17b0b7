import * as tf from '@tensorflow/tfjs-core';
import { checkFits, key, sizeOf, type Examples, type Weights } from '@gradstream/numerics';
import { feedInputs, feedTargets, lossGradient, type LossGradient } from '@gradstream/engine';
import type { Objective, TargetTensor } from '@gradstream/losses';
import { apply, type BuiltLayer, type BuiltModel, type BuiltParam } from '@gradstream/models';

/** A point in weight space: all trained params one after another, in the model's order. */
export type Point = Float32Array | Float64Array;

/** A loss as a function of a point: what curvature is measured of. */
export interface Surface {
  readonly size: number;
  loss(at: Point): number;
  gradient(at: Point): { readonly loss: number; readonly gradient: Point };
  /** The same without copies, where a surface has memory of its own. */
  readonly inPlace?: GradientInPlace;
}

/** Points that are worked with where they lie. */
export interface Vectors {
  /** The i-th working vector; whatever it held stays until it is written. */
  vector(i: number): Point;
  /** out = a·x + b·y; out may be x or y. */
  mix(out: Point, a: number, x: Point, b: number, y: Point): void;
  /** Σ x·y, summed in float64. */
  dot(x: Point, y: Point): number;
}

/** A gradient that is taken where it lies, and vectors in the same memory. */
export interface GradientInPlace extends Vectors {
  /** Where the next gradient is taken; to be written whole. */
  readonly point: Point;
  /** The last gradient, until the next one. */
  readonly gradient: Point;
  /** Takes the gradient, and returns the loss. */
  take(): number;
}

/** A surface over a model's weights; its tensors live until `dispose`. */
export interface ModelSurface extends Surface {
  readonly params: readonly BuiltParam[];
  /** The point of some weights, in an array of the caller's or a new one, and back; buffers stay as they were given, and a Float32Array is not copied. */
  pointOf(weights: Weights): Float64Array;
  pointOf<P extends Point>(weights: Weights, into: P): P;
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
   * Takes gradients by a plan of the engine's, in place, where one covers the model and no layer behaves otherwise while it trains:
   * many times faster, and the same but for rounding. Default false.
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
  const shares = divisions.map((part) => part.size / examples.size);
  const size = params.reduce((n, { shape }) => n + sizeOf(shape), 0);
  let gradients = 0;
  const planned = compiled && model.layers.every(isSteady) ? lossGradient(model, objective, weights) : undefined;

  // Only losses, and gradients without a plan, need the examples as tensors.
  let fed: readonly { readonly inputs: tf.Tensor; readonly targets: TargetTensor }[] | undefined;
  const chunks = () => (fed ??= divisions.map((part) => ({ inputs: feedInputs(part), targets: feedTargets(part) })));

  const tensorsAt = (point: Point): tf.Tensor[] => {
    let at = 0;
    return params.map(({ shape }) => tf.tensor(new Float32Array(point.subarray(at, (at += sizeOf(shape)))), [...shape]));
  };
  const lossOf = (values: readonly tf.Tensor[], { inputs, targets }: ReturnType<typeof chunks>[number]): tf.Scalar => {
    const named = { ...buffers, ...Object.fromEntries(params.map(({ name }, i) => [name, values[i]])) };
    return objective.loss(apply(model, named, inputs, { training: false, key: evaluationKey }).outputs, targets);
  };

  const buffered = model.params.filter(({ role }) => role === 'buffer').map(({ name }) => [name, weights.get(name)!] as const);
  const weightsAt = (point: Point): Weights => {
    let at = 0;
    const values = point instanceof Float32Array ? point : new Float32Array(point);
    return new Map([...params.map(({ name, shape }) => [name, { shape, values: values.subarray(at, (at += sizeOf(shape))) }] as const), ...buffered]);
  };

  /** Loss and gradient of each part in turn; the gradient is good until the next one. */
  function* gradientsAt(point: Point): Generator<{ readonly loss: number; readonly gradient: Float32Array }> {
    if (planned) {
      planned.point.set(point);
      for (const part of divisions) yield { loss: planned.at(part), gradient: planned.gradient };
      return;
    }
    for (const part of chunks()) {
      const gradient = new Float32Array(size);
      const loss = tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => lossOf(values, part))(tensorsAt(point));
        grads.reduce((at, each) => (gradient.set(each.dataSync<'float32'>(), at), at + each.size), 0);
        return value.dataSync()[0];
      });
      yield { loss, gradient };
    }
  }

  /** The mean over the parts, into `whole`; returns the loss. */
  const meanGradient = (point: Point, whole: Float64Array): number => {
    let [sum, part] = [0, 0];
    whole.fill(0);
    for (const { loss, gradient } of gradientsAt(point)) {
      const share = shares[part++];
      sum += share * loss;
      for (let i = 0; i < size; i++) whole[i] += share * gradient[i];
    }
    return sum;
  };
  const counted = <T>(found: T): T => (gradients++, found);

  const inPlace: GradientInPlace | undefined = planned && { ...planned, take: () => counted(takeInPlace(planned)) };
  /** The gradients of several parts are added up beside, and put back. */
  const takeInPlace = (field: LossGradient): number => {
    if (divisions.length === 1) return field.at(divisions[0]);
    const sum = field.vector(SUM);
    let loss = 0;
    divisions.forEach((part, i) => {
      loss += shares[i] * field.at(part);
      field.mix(sum, i === 0 ? 0 : 1, sum, shares[i], field.gradient);
    });
    field.gradient.set(sum);
    return loss;
  };

  return {
    size,
    params,
    get gradients() {
      return gradients;
    },
    loss: (point) => chunks().reduce((sum, part, i) => sum + shares[i] * tf.tidy(() => lossOf(tensorsAt(point), part).dataSync()[0]), 0),
    gradient(point) {
      if (divisions.length > 1) {
        const gradient = new Float64Array(size);
        return counted({ loss: meanGradient(point, gradient), gradient });
      }
      const [{ loss, gradient }] = gradientsAt(point);
      return counted({ loss, gradient: gradient.slice() });
    },
    inPlace,
    gradientsByPart: (point) => counted(Array.from(gradientsAt(point), ({ loss, gradient }) => ({ loss, gradient: gradient.slice() }))),
    pointOf: <P extends Point = Float64Array>(given: Weights, into = new Float64Array(size) as Point as P): P => {
      params.reduce((at, { name, shape }) => {
        into.set(given.get(name)!.values, at);
        return at + sizeOf(shape);
      }, 0);
      return into;
    },
    weightsAt,
    dispose() {
      planned?.dispose();
      for (const { inputs, targets } of fed ?? []) tf.dispose([inputs, targets.values]);
      tf.dispose(buffers);
    },
  };
}

/** The working vector that parts are added up in. */
const SUM = 0;

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
