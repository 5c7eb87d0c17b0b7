/**
 * Spectral normalization as a projection: W · min(1, max / σ), σ the largest singular value of W as a matrix [all other axes, outputs].
 *
 * Miyato et al. 2018, https://arxiv.org/abs/1802.05957, divide by σ inside the forward pass, estimated by one power iteration
 * a step; here W itself is rescaled after the step, with σ converged, so that every layer is max-Lipschitz at each evaluation.
 */
import { factory, positive, positiveInteger } from '@gradstream/numerics';
import { matrixShape } from '../matrix.ts';
import type { Constraint } from '../regularizer.ts';
import { shortForm } from '../short-form.ts';
import { largestSingular } from '../spectrum.ts';
import { constraint, constraintOptions, type ConstraintOptions } from './norms.ts';

export interface SpectralNormOptions extends ConstraintOptions {
  /** Largest singular value allowed. Default 1. */
  readonly max?: number;
  /** Of the power iteration, at most; each costs 2 multiplications for each weight. Default 30. */
  readonly iterations?: number;
}

/** Keeps the largest singular value of weights at or below `max`. */
export const spectralNorm = shortForm(
  factory<SpectralNormOptions, Constraint>('spectralNorm', { max: positive, iterations: positiveInteger, ...constraintOptions }, ({ max = 1, iterations = 30, on }) =>
    constraint('spectralNorm', on, (values, { shape }) => {
      const { value } = largestSingular(values, ...matrixShape(shape), iterations);
      if (value > max) for (let i = 0; i < values.length; i++) values[i] *= max / value;
    }),
  ),
  'max',
);
