import type { Tensor } from '@tensorflow/tfjs-core';
import { fold, InputError, type Key } from '@gradstream/numerics';
import { at } from './build.ts';
import { definitionOf } from './define.ts';
import type { Apply, BuiltLayer } from './model.ts';

type Params = Readonly<Record<string, Tensor>>;

/**
 * The forward pass: inputs [batch, ...inputShape] to outputs (logits). Call it inside a tidy: it disposes nothing.
 * In training, layers that draw use `fold(key, layer name)`, and `buffers` holds new running statistics by full name.
 */
export const apply: Apply = (built, params, inputs, mode) => {
  if (inputs.shape.slice(1).join() !== built.inputShape.join()) {
    throw new InputError(`${built.model.name}: expects inputs [batch, ${built.inputShape}], received [${inputs.shape}]`);
  }
  const buffers: Record<string, Tensor> = {};
  const outputs = through(built.layers, inputs, params, buffers, mode);
  return { outputs, buffers };
};

function through(layers: readonly BuiltLayer[], inputs: Tensor, params: Params, buffers: Record<string, Tensor>, mode: { training: boolean; key: Key }): Tensor {
  return layers.reduce((x, { layer, name, params: own, inner = [] }) => {
    const local = Object.fromEntries(own.map((param) => [param.name.slice(name.length + 1), params[param.name]]));
    return at(name, () => definitionOf(layer).apply(layer, x, local, {
      training: mode.training,
      key: fold(mode.key, name),
      setBuffer: (buffer, value) => void (buffers[`${name}/${buffer}`] = value),
      applyInner: (x) => through(inner, x, params, buffers, mode),
    }));
  }, inputs);
}
