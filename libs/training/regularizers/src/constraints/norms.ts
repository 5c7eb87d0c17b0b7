/**
 * Projections of norms after each step, one norm for each output of a kernel (over all axes but the last).
 *
 *   maxNorm:     w · min(1, max / ‖w‖)                                    Srebro and Shraibman 2005; Srivastava et al. 2014, section 5.1
 *   unitNorm:    w / ‖w‖
 *   minMaxNorm:  w · (rate · clip(‖w‖, min, max) + (1 − rate) · ‖w‖) / ‖w‖    as in Keras
 *
 * Keras adds 1e-7 to the denominators; here a zero vector stays zero and nothing is added.
 */
import { factory, InputError, nonNegative, positive, unitClosed, type OptionTable } from '@gradstream/numerics';
import { matrixShape } from '../matrix.ts';
import type { Constraint } from '../regularizer.ts';
import { selection, selects, type Selection } from '../selection.ts';
import { shortForm } from '../short-form.ts';

export interface ConstraintOptions {
  /** Params it projects. Default `kernels`. */
  readonly on?: Selection;
}

export const constraintOptions: OptionTable<ConstraintOptions> = { on: selection };

/** A constraint from what it does to one param. */
export const constraint = (name: string, on: Selection = 'kernels', project: Constraint['project']): Constraint => ({ type: 'constraint', name, applies: (param) => selects(on, param), project });

/** Multiplies the weights of each output by a factor that depends on their norm; zeros stay. */
function rescale(values: Float32Array, shape: readonly number[], wanted: (norm: number) => number): void {
  const [rows, columns] = matrixShape(shape);
  for (let c = 0; c < columns; c++) {
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += values[r * columns + c] ** 2;
    const norm = Math.sqrt(squares);
    const factor = norm > 0 ? wanted(norm) / norm : 1;
    if (factor !== 1) for (let r = 0; r < rows; r++) values[r * columns + c] *= factor;
  }
}

export interface MaxNormOptions extends ConstraintOptions {
  /** Largest norm. */
  readonly max: number;
}

/** Shrinks the weights of an output whose norm has grown beyond `max`: `maxNorm(3)`. */
export const maxNorm = shortForm(
  factory<MaxNormOptions, Constraint>('maxNorm', { max: positive, ...constraintOptions }, ({ max, on }) => constraint('maxNorm', on, (values, { shape }) => rescale(values, shape, (norm) => Math.min(norm, max))), ['max']),
  'max',
);

/** Gives the weights of each output norm 1. */
export const unitNorm = factory<ConstraintOptions, Constraint>('unitNorm', constraintOptions, ({ on }) => constraint('unitNorm', on, (values, { shape }) => rescale(values, shape, () => 1)));

export interface MinMaxNormOptions extends ConstraintOptions {
  /** Smallest norm. Default 0. */
  readonly min?: number;
  /** Largest norm. Default 1. */
  readonly max?: number;
  /** How far towards the interval a step goes, in [0, 1]. Default 1: all the way. */
  readonly rate?: number;
}

/** Moves the norm of each output's weights into [min, max]. */
export const minMaxNorm = factory<MinMaxNormOptions, Constraint>('minMaxNorm', { min: nonNegative, max: positive, rate: unitClosed, ...constraintOptions }, ({ min = 0, max = 1, rate = 1, on }) => {
  if (min > max) throw new InputError(`minMaxNorm: min must be at most max, received ${min} and ${max}`);
  return constraint('minMaxNorm', on, (values, { shape }) => rescale(values, shape, (norm) => rate * Math.min(Math.max(norm, min), max) + (1 - rate) * norm));
});
