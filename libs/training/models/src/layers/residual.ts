/**
 * Residual connection: He et al. 2016, https://arxiv.org/abs/1512.03385, equations (1) and (2).
 *
 *   y = x + F(x)        where shapes differ: y = W x + F(x), W a 1 x 1 convolution with F's stride (a matrix for vectors)
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError, listOf } from '@gradstream/numerics';
import { defineLayer, layer } from '../define.ts';
import { initializers } from '../initializers.ts';
import type { Layer } from '../layer.ts';
import { shapeThrough } from '../shapes.ts';
import { affine } from './dense.ts';

export interface ResidualOptions {
  /** The branch F, first to last. */
  readonly layers: readonly Layer[];
}

/** Adds what its layers make to what came in. */
export const residual = defineLayer<ResidualOptions>({
  kind: 'residual',
  prefix: 'block',
  options: { layers: listOf(layer, 1) },
  defaults: {},
  inner: ({ layers }) => layers,
  outputShape: ({ layers }, inputShape) => shapeThrough(layers, inputShape),

  params: ({ layers }, inputShape) => {
    const shape = projection(inputShape, shapeThrough(layers, inputShape))?.shape;
    if (!shape) return [];
    const fan = { in: shape.at(-2)!, out: shape.at(-1)! };
    return [{ name: 'projection', shape, role: 'kernel', init: initializers.glorotUniform, fan }];
  },

  apply: ({ layers }, x, { projection: kernel }, { applyInner }) => {
    const branch = applyInner(x);
    if (!kernel) return tf.add(x, branch);
    if (x.rank < 4) return tf.add(affine(x, kernel, undefined, branch.shape.at(-1)!), branch);
    const { stride } = projection(x.shape.slice(1), shapeThrough(layers, x.shape.slice(1)))!;
    return tf.add(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, 'same'), branch);
  },
});

/** The kernel that takes one shape to the other, or undefined where they are equal. */
function projection(from: readonly number[], to: readonly number[]): { shape: readonly number[]; stride: [number, number] } | undefined {
  if (from.join() === to.join()) return undefined;
  const [inputs, outputs] = [from.at(-1)!, to.at(-1)!];
  if (from.length === 3 && to.length === 3) {
    const stride: [number, number] = [Math.round(from[0] / to[0]), Math.round(from[1] / to[1])];
    if ([0, 1].every((axis) => stride[axis] >= 1 && Math.ceil(from[axis] / stride[axis]) === to[axis])) return { shape: [1, 1, inputs, outputs], stride };
  } else if (from.length === to.length && from.slice(0, -1).join() === to.slice(0, -1).join()) {
    return { shape: [inputs, outputs], stride: [1, 1] };
  }
  throw new InputError(`its layers turn [${from}] into [${to}], which nothing can be added to`);
}
