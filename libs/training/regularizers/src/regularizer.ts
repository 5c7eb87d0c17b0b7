import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Key, ParamInfo } from '@gradstream/numerics';

/** What stands beside the objective in `loss(objective, …)`. */
export type Regularizer = Penalty | WeightNoise | Constraint;

/** A term added to the loss. */
export interface Penalty {
  readonly type: 'penalty';
  readonly name: string;
  /** Which params it sees: kernels and embeddings unless told otherwise. */
  applies(param: ParamInfo): boolean;
  /** The term, differentiable; `params` are those it applies to. `step` resolves a schedule. */
  value(params: Readonly<Record<string, Tensor>>, step: number): Scalar;
}

/** The gradient is taken at noisy weights, the update is applied to the clean ones. */
export interface WeightNoise {
  readonly type: 'weightNoise';
  readonly name: string;
  applies(param: ParamInfo): boolean;
  /** Noise to add to one param this step. */
  sample(key: Key, param: ParamInfo, step: number): Float32Array;
}

/** A projection of the params after each step. */
export interface Constraint {
  readonly type: 'constraint';
  readonly name: string;
  applies(param: ParamInfo): boolean;
  /** Projects one param in place. */
  project(values: Float32Array, param: ParamInfo): void;
}
