import * as tf from '@tensorflow/tfjs-core';
import { tensors } from '@gradstream/numerics/tf';
import { mapBy, type ArrayOps } from './arrays.ts';
import type { Executor } from './executor.ts';
import { directSegment } from './segment-direct.ts';

const ops: ArrayOps<tf.Tensor> = {
  map: mapBy<tf.Tensor>(tensors, (size, value) => tf.fill([size], value, 'float32'), (arrays) => Object.values(arrays)[0].size),
  sumMiddle: (x, view) => tf.reshape(tf.sum(tf.reshape(x, [...view]), 1), [-1]),
  spread: (x, [outer, middle, inner]) => tf.reshape(tf.tile(tf.reshape(x, [outer, 1, inner]), [1, middle, 1]), [-1]),
  matMul: (a, b, { m, k, n, transposeA = false, transposeB = false }) =>
    tf.reshape(tf.matMul(tf.reshape(a, transposeA ? [k, m] : [m, k]), tf.reshape(b, transposeB ? [n, k] : [k, n]), transposeA, transposeB), [-1]),
  sumAll: (x) => tf.reshape(tf.sum(x), [1]),
  maxAbs: (x) => tf.reshape(tf.max(tf.abs(x)), [1]),
  spreadLike: (x, like) => tf.broadcastTo(tf.reshape(x, like.shape.map(() => 1)), like.shape),
  full: (size, value) => tf.fill([size], value, 'float32'),
  from: (values) => tf.tensor1d(Float32Array.from(values), 'float32'),
  read: (x) => x.dataSync()[0],
};

/** Tensors of any backend: nothing lent is changed or disposed, results are fresh. */
export const tfExecutor: Executor<tf.Tensor> = {
  ops,
  segment: (classes, state, apply) => directSegment(classes, state, apply, tensors, tfExecutor),
  create: (shape, start) => tf.keep(tf.fill([...shape], start, 'float32')),
  assign(slot, next) {
    const kept = tf.keep(tf.clone(next));
    slot.dispose();
    return kept;
  },
  release: (slot) => slot.dispose(),
  values: (x) => x.dataSync().slice() as Float32Array,
  write: (_param, next) => next,
  apply: (param, update) => tf.add(param, update),
  flat: (x) => tf.reshape(x, [-1]),
  shaped: (x, shape) => tf.reshape(x, [...shape]),
  tidy(run) {
    let names: string[] = [];
    const fresh = tf.tidy(() => {
      const made = run();
      names = [...made.keys()];
      return [...made.values()].map((x) => tf.clone(x));
    });
    return new Map(names.map((name, i) => [name, fresh[i]]));
  },
};
