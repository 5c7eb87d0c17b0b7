import { finite } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { scheduleFactory } from './schedule.ts';

export interface ConstantOptions {
  readonly value: number;
}

/** The same value at every step. */
export const constant = positional('value', scheduleFactory<ConstantOptions>('constant', { value: finite }, ({ value }) => () => value, ['value']));
