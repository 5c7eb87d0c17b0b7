/** Layers, losses and penalties on nested lists, with their gradients. */
import * as tf from '@tensorflow/tfjs';
import { key, type Key } from '@gradstream/numerics';
import { definitionOf, type Layer } from '@gradstream/models';
import { flatten, nest, shapeOf, type Engine, type Family, type Nested, type Runner } from './case.ts';

export const tensor = (nested: unknown, dtype: 'float32' | 'int32' = 'float32'): tf.Tensor => tf.tensor(flatten(nested as Nested), shapeOf(nested as Nested), dtype);
export const nested = (t: tf.Tensor): Nested => nest(t.dataSync(), t.shape);
export const floats = (of: unknown): Float32Array => Float32Array.from(flatten(of as Nested));

/** A layer on a batch: its outputs and the buffers it leaves, by local name. */
export function applied(layer: Layer, x: tf.Tensor, params: Readonly<Record<string, tf.Tensor>>, { training = false, from = key(0) }: { readonly training?: boolean; readonly from?: Key } = {}) {
  const buffers: Record<string, tf.Tensor> = {};
  const outputs = definitionOf(layer).apply(layer, x, params, {
    training,
    key: from,
    setBuffer: (name, value) => void (buffers[name] = value),
    applyInner: () => {
      throw new Error('golden cases hold single layers');
    },
  });
  return { outputs, buffers };
}

/** Runs what works on tensors, on the engines that have them, in a tidy. */
export const onTensors = (runner: (...args: Parameters<Runner>) => ReturnType<Runner>): Runner => (golden, engine, file) => (hasTensors(engine) ? tf.tidy(() => runner(golden, engine, file) as never) : undefined);

/** Runs what works on plain arrays, once. */
export const onArrays = (runner: Runner): Runner => (golden, engine, file) => (engine.name === 'js' ? runner(golden, engine, file) : undefined);

const hasTensors = ({ name }: Engine): boolean => name === 'cpu' || name === 'wasm';

/** The same for each op of a family. */
export const each = (wrap: (runner: Runner) => Runner, runners: Family): Family => Object.fromEntries(Object.entries(runners).map(([op, runner]) => [op, wrap(runner)]));
