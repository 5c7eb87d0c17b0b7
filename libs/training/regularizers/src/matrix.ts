import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '@gradstream/numerics';

/** Rows and columns of a param as a matrix: the last axis (outputs) are the columns, all others together the rows. */
export function matrixShape(shape: readonly number[]): [rows: number, columns: number] {
  const columns = shape.at(-1) ?? 1;
  return [sizeOf(shape) / columns, columns];
}

/** A param as that matrix. */
export const asMatrix = (w: tf.Tensor): tf.Tensor2D => tf.reshape(w, matrixShape(w.shape));
