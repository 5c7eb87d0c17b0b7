import type { Tensor } from '@tensorflow/tfjs-core';
import type { Key, ParamInfo, Weights } from '@gradstream/numerics';
import type { Initializer, Layer } from './layer.ts';

/** A model before it meets data: its layers may depend on the shape of an example and on the width of the targets. */
export interface Model {
  readonly name: string;
  layers(inputShape: readonly number[], width: number): readonly Layer[];
  /** Params that begin with these values instead of drawn ones, by name. */
  readonly start?: Weights;
}

/** A layer in its place. */
export interface BuiltLayer {
  readonly layer: Layer;
  /** Its path: `dense1`, `block2/conv1`. */
  readonly name: string;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Its params, with full names. */
  readonly params: readonly BuiltParam[];
  /** The layers inside (`residual`). */
  readonly inner?: readonly BuiltLayer[];
}

export interface BuiltParam extends ParamInfo {
  readonly init: Initializer;
  readonly fan: { readonly in: number; readonly out: number };
}

/** A model of known shapes. */
export interface BuiltModel {
  readonly model: Model;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly layers: readonly BuiltLayer[];
  /** All params in order, buffers included. */
  readonly params: readonly BuiltParam[];
}

/** Gives every layer its place, shapes and param names; refuses what does not fit, by layer. */
export type Build = (model: Model, inputShape: readonly number[], width: number) => BuiltModel;
/** Draws the first weights; each param from a key of its own name, so that adding a layer changes no other. */
export type Initialize = (built: BuiltModel, key: Key) => Weights;
/** The forward pass, inside a tidy: inputs [batch, ...inputShape] to outputs (logits) and new buffer values. */
export type Apply = (
  built: BuiltModel,
  params: Readonly<Record<string, Tensor>>,
  inputs: Tensor,
  mode: { readonly training: boolean; readonly key: Key },
) => { readonly outputs: Tensor; readonly buffers: Readonly<Record<string, Tensor>> };
