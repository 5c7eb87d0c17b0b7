import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@gradstream/numerics';
import type { TargetTensor } from './objective.ts';

/** Outputs as [rows, width]: each position of a sequence is a row of its own. */
export const rowsOf = (outputs: tf.Tensor): tf.Tensor2D => (outputs.rank === 2 ? (outputs as tf.Tensor2D) : tf.reshape(outputs, [-1, outputs.shape.at(-1)!]));

/** Class targets as [rows]. */
export const classesOf = ({ values }: TargetTensor): tf.Tensor1D => tf.cast(tf.reshape(values, [-1]), 'int32');

/** Targets as float32 rows beside the outputs: classes become one-hot. */
export function targetRows(where: string, outputs: tf.Tensor2D, targets: TargetTensor): tf.Tensor2D {
  const width = outputs.shape[1];
  // The wasm backend's oneHot writes integers whatever dtype it is asked for: cast instead.
  const rows = targets.kind === 'classes' ? (tf.cast(tf.oneHot(classesOf(targets), width), 'float32') as tf.Tensor2D) : rowsOf(targets.values);
  if (rows.shape[0] !== outputs.shape[0] || rows.shape[1] !== width) {
    throw new InputError(`${where}: outputs [${outputs.shape}] and targets [${rows.shape}] differ in shape`);
  }
  return rows;
}
