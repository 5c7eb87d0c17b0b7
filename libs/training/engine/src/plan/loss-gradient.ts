import { checkFits, hasBytes, InputError, key, sizeOf, type Examples, type Weights } from '@gradstream/numerics';
import type { Objective } from '@gradstream/losses';
import type { BuiltModel } from '@gradstream/models';
import { currentBackend } from '../backend.ts';
import { kernelsMissing, roundingOf } from '../kernels/kernels.ts';
import { nativeBlas } from '../native/blas.ts';
import { Arena } from './arena.ts';
import { lossOf } from './objective.ts';
import { Plan } from './plan.ts';
import type { ParamPlace } from './site.ts';

const drawn = key(0);

/** The mean loss of some examples and its gradient, in place: no tensor, no copy, nothing allocated once a batch size was seen. */
export interface LossGradient {
  /** All trained params one after another, in the model's order; write here where the next gradient is to be taken. */
  readonly point: Float32Array;
  /** The gradient that `at` left, laid out like `point`. */
  readonly gradient: Float32Array;
  /** Takes the gradient at `point`, by one forward and one backward pass in training mode, and returns the loss; layers that draw do so once. */
  at(examples: Examples): number;
  /** The i-th of some vectors laid out like `point`, in the same memory; whatever it held stays until it is written. */
  vector(i: number): Float32Array;
  /** out = a·x + b·y, all of them `point`, `gradient` or vectors; out may be x or y. */
  mix(out: Float32Array, a: number, x: Float32Array, b: number, y: Float32Array): void;
  /** Σ x·y, summed in float64. */
  dot(x: Float32Array, y: Float32Array): number;
  dispose(): void;
}

/**
 * Gradients of an objective by a plan of their own, for measures of the loss surface that need many of them; penalties are left out.
 * Buffers stay as `weights` has them. Undefined where no plan covers the model or the objective, or the backend is not wasm; there
 * `tf.valueAndGrads` is.
 *
 * @throws InputError when the weights do not fit the model
 */
export function lossGradient(model: BuiltModel, objective: Objective, weights: Weights): LossGradient | undefined {
  checkFits('lossGradient', model.params, weights);
  const loss = lossOf(objective);
  if (!loss || kernelsMissing() || currentBackend()?.name !== 'wasm') return undefined;

  const blas = nativeBlas();
  const arena = new Arena(roundingOf({}));
  const native = typeof blas === 'string' ? undefined : blas.gemmOn(arena.memory);
  const trained = model.params.filter(({ role }) => role !== 'buffer');
  const size = trained.reduce((n, { shape }) => n + sizeOf(shape), 0);
  const [values, slopes] = [arena.allocate(4 * size), arena.allocate(4 * size)];
  const places = new Map<string, ParamPlace>();
  let offset = 0;
  for (const { name, shape, role } of model.params) {
    if (role === 'buffer') places.set(name, { at: arena.allocate(4 * sizeOf(shape)).at, gradient: 0 });
    else {
      places.set(name, { at: values.at + offset, gradient: slopes.at + offset });
      offset += 4 * sizeOf(shape);
    }
    arena.floats(places.get(name)!.at, sizeOf(shape)).set(weights.get(name)!.values);
  }

  const planOf = (batch: number, targets: Examples['targets']['kind'], bytes: boolean) => Plan.make(arena, { model, loss, batch, targets, bytes, training: true, native, param: (name) => places.get(name)! });
  const probe = planOf(2, 'classes', false);
  if (!(probe instanceof Plan)) {
    arena.dispose();
    return undefined;
  }
  probe.release();

  const { kernels } = arena;
  const vectors: Float32Array[] = [];
  const plans: Plan[] = [];
  let fed: Examples | undefined;
  let plan: Plan | undefined;
  return {
    point: arena.floats(values.at, size),
    gradient: arena.floats(slopes.at, size),
    at(examples) {
      if (fed !== examples) {
        plan = plans.find((each) => each.fits(examples, true));
        if (!plan) {
          const made = planOf(examples.size, examples.targets.kind, hasBytes(examples));
          if (!(made instanceof Plan)) throw new InputError(`${made.name}: a batch of ${examples.size} is too small for this layer`);
          plans.push((plan = made));
        }
        plan.feed(examples);
        plan.setKeys(drawn);
        fed = examples;
      }
      plan!.run();
      return plan!.loss();
    },
    vector: (i) => {
      while (vectors.length <= i) vectors.push(arena.floats(arena.allocate(4 * size).at, size));
      return vectors[i];
    },
    mix: (out, a, x, b, y) => void kernels.mix(out.byteOffset, a, x.byteOffset, b, y.byteOffset, size),
    dot: (x, y) => kernels.dot(x.byteOffset, y.byteOffset, size),
    dispose: () => arena.dispose(),
  };
}
