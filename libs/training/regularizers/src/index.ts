// Contracts
export type { Constraint, Penalty, Regularizer, WeightNoise } from './regularizer.ts';
