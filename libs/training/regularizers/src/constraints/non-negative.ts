import { factory } from '@gradstream/numerics';
import type { Constraint } from '../regularizer.ts';
import { constraint, constraintOptions, type ConstraintOptions } from './norms.ts';

/** Sets negative weights to 0. */
export const nonNegativeWeights = factory<ConstraintOptions, Constraint>('nonNegativeWeights', constraintOptions, ({ on }) =>
  constraint('nonNegativeWeights', on, (values) => {
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
  }),
);
