// Contracts
export type { BoundOptimizer, Named, OptimizerState, UpdateInput } from './bound.ts';
