import { registry } from '@gradstream/numerics';
import { l2 } from './penalties/l2.ts';
import type { Regularizer } from './regularizer.ts';

// Penalties
export { l2, type L2Options } from './penalties/l2.ts';
export type { Amount, PenaltyFactory, PenaltyOptions } from './penalties/penalty.ts';
// Which params
export { selects, type Selection } from './selection.ts';
// Contracts
export type { Constraint, Penalty, Regularizer, WeightNoise } from './regularizer.ts';

/** The regularizers that documents know by name (kind `regularizer`). */
export const regularizers = registry<Regularizer>(l2);
