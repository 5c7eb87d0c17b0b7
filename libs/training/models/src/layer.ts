import type { Tensor } from '@tensorflow/tfjs-core';
import type { JsonSchema, Key, OptionTable, ParamRole } from '@gradstream/numerics';

/** A layer is data: its kind and its options, all JSON. `dense({ units: 10 })` makes one. */
export interface Layer {
  readonly kind: string;
  /** Path of its params; given by position (`dense1`, `conv2`) where absent. */
  readonly name?: string;
  readonly [option: string]: unknown;
}

/** Draws the first values of a param: `fan` are the inputs and outputs one weight connects. */
export interface Initializer {
  (key: Key, shape: readonly number[], fan: { readonly in: number; readonly out: number }): Float32Array;
}

/** A param of a layer; `name` is local (`kernel`). */
export interface LayerParam {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParamRole;
  readonly init: Initializer;
  readonly fan: { readonly in: number; readonly out: number };
}

/** What a layer sees while it is applied. */
export interface ApplyContext {
  readonly training: boolean;
  /** Key of this step and this layer: the same step draws the same mask everywhere. */
  readonly key: Key;
  /** Hands on the new value of a buffer (running statistics), by local name. */
  setBuffer(name: string, value: Tensor): void;
  /** Applies the layers inside of this one (`residual`). */
  applyInner(layers: readonly Layer[], inputs: Tensor): Tensor;
}

/** What a kind of layer means. Shapes are of one example, without the batch. */
export interface LayerDefinition<O extends object = object> {
  readonly kind: string;
  readonly options: OptionTable<O>;
  outputShape(options: O, inputShape: readonly number[]): readonly number[];
  params(options: O, inputShape: readonly number[]): readonly LayerParam[];
  apply(options: O, inputs: Tensor, params: Readonly<Record<string, Tensor>>, context: ApplyContext): Tensor;
  readonly schema?: JsonSchema;
}
