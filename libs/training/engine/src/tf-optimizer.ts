import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError, specOf, type ParamInfo, type ParamRole } from '@gradstream/numerics';
import { bind, tfExecutor, type BoundOptimizer, type Executor, type Transformation } from '@gradstream/optimizers';
import { heapExecutor } from './updates/heap-executor.ts';
import { webglUpdates } from './webgl/webgl-executor.ts';

/**
 * An optimizer for TensorFlow.js's own training: `model.compile({ optimizer: tfOptimizer(adamw({ … })) })`, or
 * `tfOptimizer(…).minimize(loss)`. Every rule, schedule and wrapper of this house but those that ask for a second gradient
 * (SAM); updates run fused where the backend has fused ones (SIMD passes on wasm, fragment programs on WebGL).
 */
export const tfOptimizer = (transformation: Transformation): tf.Optimizer => new TfOptimizer(transformation);

/** Params by the last part of their name, as Keras names them. */
const ROLES: Readonly<Record<string, ParamRole>> = { bias: 'bias', gamma: 'norm', beta: 'norm', embeddings: 'embedding' };

const roleOf = (name: string): ParamRole => ROLES[(name.split('/').at(-1) ?? '').replace(/_\d+$/, '')] ?? 'kernel';

type NamedTensor = Awaited<ReturnType<tf.Optimizer['getWeights']>>[number];

function executorHere(): Executor<Tensor> {
  const backend = tf.getBackend();
  return backend === 'wasm' ? heapExecutor() : backend === 'webgl' ? webglUpdates().executor : tfExecutor;
}

class TfOptimizer extends tf.Optimizer {
  static readonly className = 'GradstreamOptimizer';
  private bound?: BoundOptimizer<Tensor>;
  private params: ReadonlyMap<string, ParamInfo> = new Map();

  constructor(private readonly transformation: Transformation) {
    super();
  }

  applyGradients(given: tf.NamedTensorMap | NamedTensor[]): void {
    const gradients = new Map((Array.isArray(given) ? given.map(({ name, tensor }) => [name, tensor] as const) : Object.entries(given)).filter((each): each is [string, Tensor] => Boolean(each[1])));
    const variables = new Map([...gradients.keys()].map((name) => [name, tf.engine().registeredVariables[name]]));
    this.bound ??= this.start(variables);
    const late = [...gradients.keys()].find((name) => !this.params.has(name));
    if (late !== undefined) throw new InputError(`tfOptimizer: '${late}' was not among the variables of the first update; every variable must have a gradient in it`);
    const updated = this.bound.update({ step: this.iterations, params: variables, gradients });
    for (const [name, variable] of variables) {
      const next = updated.get(name)!;
      if (next === variable) continue;
      // The variable's tensor is exchanged, not written to: whatever a backend keeps of the old one stays behind with it.
      variable.assign(next);
      next.dispose();
    }
    this.incrementIterations();
  }

  private start(variables: ReadonlyMap<string, tf.Variable>): BoundOptimizer<Tensor> {
    this.params = new Map([...variables].map(([name, { shape }]) => [name, { name, shape, role: roleOf(name) }]));
    return bind(this.transformation, [...this.params.values()], { executor: executorHere() });
  }

  /** The hyper-parameters that the last update used. */
  get hyper(): Readonly<Record<string, number>> {
    return this.bound?.hyper ?? {};
  }

  override async getWeights(): Promise<NamedTensor[]> {
    const state = this.bound?.snapshot();
    return [await this.saveIterations(), ...[...(state?.slots ?? [])].map(([name, { shape, values }]) => ({ name, tensor: tf.tensor(values, [...shape]) }))];
  }

  getConfig(): tf.serialization.ConfigDict {
    return { ...(specOf(this.transformation) as tf.serialization.ConfigDict | undefined) };
  }

  override dispose(): void {
    this.bound?.close();
    this.bound = undefined;
    super.dispose();
  }
}
