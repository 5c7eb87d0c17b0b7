import type { BuiltLayer } from '@gradstream/models';
import type { Key } from '@gradstream/numerics';
import type { Program } from './program.ts';

/** What a layer puts out, [batch, ...shape], at an address. */
export interface Value {
  readonly at: number;
  readonly shape: readonly number[];
  /** Numbers per example. */
  readonly size: number;
  /**
   * Set where the value went through a relu: whoever computes its gradient lets it be 0 where this array is not positive.
   * So the relu's own backward pass costs nothing where the consumer is a product.
   */
  readonly gate: number;
  /** Whether its gradient is wanted: some layer at or below it has params. */
  readonly differentiable: boolean;
}

/** A layer in a plan. */
export interface Planned {
  readonly output: Value;
  /**
   * Emits the backward pass, given the address of the output's gradient; returns that of the input's gradient (gated as the
   * input asks), 0 where it is not wanted.
   */
  backward(dOut: number): number;
}

/** Where params stand: their values and their gradients (0 for what is not trained). */
export interface ParamPlace {
  readonly at: number;
  readonly gradient: number;
}

/** What planners build with. */
export interface Site {
  readonly program: Program;
  readonly batch: number;
  readonly training: boolean;
  param(name: string): ParamPlace;
  /** A buffer for as long as the plan lives. */
  buffer(bytes: number): number;
  /** Scratch of one thread, overwritten by the next call that asks for it. */
  scratch(part: number, bytes: number): number;
  /** Two words that hold the key of a layer's draws in each step. */
  key(layer: string): number;
  /** A buffer that the host fills before each step with what it draws for the layer's key. */
  drawn(layer: string, length: number, fill: (key: Key, out: Float32Array) => void): number;
  /** Each thread's share of the batch; a thread works on its own examples from the first layer to the last and back. */
  examples(emit: (part: number, first: number, end: number) => void): void;
  /** Emits what needs the whole batch: with one thread at once, with several behind the next barrier. */
  later(emit: () => void): void;
  /** Layers inside of a layer. */
  through(layers: readonly BuiltLayer[], input: Value): Planned | null;
}

/** Plans one kind of layer; null where it cannot. */
export type Planner = (site: Site, layer: BuiltLayer, input: Value) => Planned | null;

export const floatsOf = (n: number): number => n * 4;

/** The kernel of a layer and its bias, where it has one. */
export function paramsOf(site: Site, { name, params }: BuiltLayer): { readonly kernel: ParamPlace; readonly bias?: ParamPlace } {
  const has = (local: string): boolean => params.some((param) => param.name === `${name}/${local}`);
  return { kernel: site.param(`${name}/kernel`), ...(has('bias') ? { bias: site.param(`${name}/bias`) } : {}) };
}

/** A fresh output of a layer. */
export function outputOf(site: Site, { outputShape }: Pick<BuiltLayer, 'outputShape'>, input: Value, { gated = false, trained = false } = {}): Value {
  const size = outputShape.reduce((n, d) => n * d, 1);
  const at = site.buffer(floatsOf(site.batch * size));
  return { at, shape: outputShape, size, gate: gated ? at : 0, differentiable: input.differentiable || trained };
}

/** Emits the gate of an input's gradient where no product has done it; in place unless told where to. */
export function gated(site: Site, gradient: number, { gate, size }: Value, into = gradient): number {
  if (!gate) return gradient;
  site.examples((part, first, end) => {
    const offset = floatsOf(first * size);
    site.program.call(part, 'gateInto', gradient + offset, gate + offset, (end - first) * size, into + offset);
  });
  return into;
}

/** The same for a gradient that others still read: into a buffer of its own. */
export const gatedCopy = (site: Site, gradient: number, value: Value): number => (value.gate ? gated(site, gradient, value, site.buffer(floatsOf(site.batch * value.size))) : gradient);
