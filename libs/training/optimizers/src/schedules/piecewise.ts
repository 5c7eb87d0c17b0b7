/** Constant pieces. A step that equals a boundary has the new value already (optax); in Keras's `PiecewiseConstantDecay` it has the old one. */
import { finite, InputError, listOf, wholeNumber } from '@gradstream/numerics';
import { scheduleFactory } from './schedule.ts';

export interface PiecewiseOptions {
  /** Steps at which the next value begins, rising. */
  readonly boundaries: readonly number[];
  /** One value more than there are boundaries. */
  readonly values: readonly number[];
}

/** `values[i]` until step `boundaries[i]`. */
export const piecewise = scheduleFactory<PiecewiseOptions>('piecewise', { boundaries: listOf(wholeNumber), values: listOf(finite, 1) }, ({ boundaries, values }) => {
  if (values.length !== boundaries.length + 1) throw new InputError(`piecewise: values must be one more than boundaries (${boundaries.length}), received ${values.length}`);
  if (boundaries.some((boundary, i) => i > 0 && boundary <= boundaries[i - 1])) throw new InputError(`piecewise: boundaries must rise, received ${JSON.stringify(boundaries)}`);
  return (step) => values[boundaries.filter((boundary) => step >= boundary).length];
}, ['boundaries', 'values']);
