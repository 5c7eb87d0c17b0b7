import type { Tensor } from '@tensorflow/tfjs-core';
import type { JsonSchema, Key, OptionTable, ParamRole } from '@gradstream/numerics';

/** A layer is data: its kind and its options, defaults filled in, all JSON. `dense({ units: 10 })` makes one. */
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
  /** Applies the layers inside of this one (`residual`), first to last. */
  applyInner(inputs: Tensor): Tensor;
}

/**
 * What a kind of layer means. Shapes are of one example, without the batch.
 * An InputError thrown from here needs no place: `build` puts the layer's name in front.
 */
export interface LayerDefinition<O extends object = object> {
  readonly kind: string;
  /** What layers without a name are called, with a number behind: `conv`. Default: the kind. */
  readonly prefix?: string;
  readonly options: OptionTable<O>;
  outputShape(options: O, inputShape: readonly number[]): readonly number[];
  params(options: O, inputShape: readonly number[]): readonly LayerParam[];
  apply(options: O, inputs: Tensor, params: Readonly<Record<string, Tensor>>, context: ApplyContext): Tensor;
  /** The layers inside; the first sees this layer's input. */
  inner?(options: O): readonly Layer[];
  readonly schema?: JsonSchema;
}
