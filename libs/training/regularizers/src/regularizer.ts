import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Key, ParamInfo } from '@gradstream/numerics';

/** What stands beside the objective in `loss(objective, …)`. */
export type Regularizer = Penalty | OutputPenalty | WeightNoise | Constraint;

/** What a regularizer whose strength changes during a run offers the engine. */
export interface Steered {
  /** Subscribes to the streams it is steered by; each run opens it before its first step and closes it after its last. */
  open?(): void;
  close?(): void;
  /** The strengths that a step uses, for its event: `{ 'l2.amount': 1e-4 }`. */
  hyperAt?(step: number): Readonly<Record<string, number>>;
}

/** A term added to the loss. */
export interface Penalty extends Steered {
  readonly type: 'penalty';
  readonly name: string;
  /** Which params it sees: kernels and embeddings unless told otherwise. */
  applies(param: ParamInfo): boolean;
  /** The term, differentiable; `params` are those it applies to. `step` resolves a schedule (a stream: after `open`). */
  value(params: Readonly<Record<string, Tensor>>, step: number): Scalar;
}

/** A term added to the loss that looks at what the model does with a batch. */
export interface OutputPenalty extends Steered {
  readonly type: 'outputPenalty';
  readonly name: string;
  /** The term, differentiable with first-order gradients only. */
  value(view: OutputView): Scalar;
}

/** What an output penalty may look at; borrowed for the call. */
export interface OutputView {
  /** [batch, ...inputShape] */
  readonly inputs: Tensor;
  readonly outputs: Tensor;
  /** The same forward pass (same masks) of other inputs. */
  forward(inputs: Tensor): Tensor;
  /** Key of this step and this penalty. */
  readonly key: Key;
  readonly step: number;
}

/** The gradient is taken at noisy weights, the update is applied to the clean ones. */
export interface WeightNoise extends Steered {
  readonly type: 'weightNoise';
  readonly name: string;
  applies(param: ParamInfo): boolean;
  /** Noise to add to one param this step. */
  sample(key: Key, param: ParamInfo, step: number): Float32Array;
}

/** A projection of the params after each step. */
export interface Constraint extends Steered {
  readonly type: 'constraint';
  readonly name: string;
  applies(param: ParamInfo): boolean;
  /** Projects one param in place, after the step `at`. */
  project(values: Float32Array, param: ParamInfo, at?: AfterStep): void;
}

/** The step after which a constraint projects. */
export interface AfterStep {
  readonly step: number;
  /** What the optimizer used, where it has one. */
  readonly learningRate?: number;
}
