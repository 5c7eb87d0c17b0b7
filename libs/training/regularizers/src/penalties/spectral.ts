/**
 * Spectral norm regularization: Yoshida and Miyato 2017, https://arxiv.org/abs/1705.10941, equation (3) (without its half).
 *
 *   amount · Σ over weights of σ²        σ the largest singular value of W as a matrix [all other axes, outputs]
 *
 * The gradient is 2 σ u vᵀ. The singular vectors are found on the host, which a GPU has to wait for.
 */
import * as tf from '@tensorflow/tfjs-core';
import { positiveInteger } from '@gradstream/numerics';
import { matrixShape } from '../matrix.ts';
import { largestSingular } from '../spectrum.ts';
import { penalty, type PenaltyOptions } from './penalty.ts';

export interface SpectralOptions extends PenaltyOptions {
  /** Of the power iteration, at most. Default 30. */
  readonly iterations?: number;
}

/** The squared spectral norm of weights. */
export const spectral = penalty<SpectralOptions>('spectral', { iterations: positiveInteger }, ({ iterations = 30 }) =>
  tf.customGrad((w) => {
    const [rows, columns] = matrixShape((w as tf.Tensor).shape);
    const { value, u, v } = largestSingular((w as tf.Tensor).dataSync(), rows, columns, iterations);
    return {
      value: tf.scalar(value ** 2),
      gradFunc: (dy: tf.Tensor) => {
        const outer = Float32Array.from({ length: rows * columns }, (_, i) => 2 * value * u[Math.floor(i / columns)] * v[i % columns]);
        return tf.mul(dy, tf.tensor(outer, (w as tf.Tensor).shape));
      },
    };
  }),
);
