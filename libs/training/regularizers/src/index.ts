// Documents
export { regularizers } from './registry.ts';
// Penalties
export { elasticNet, type ElasticNetOptions } from './penalties/elastic-net.ts';
export { groupLasso, type GroupLassoOptions } from './penalties/group-lasso.ts';
export { jacobian, type JacobianOptions } from './penalties/jacobian.ts';
export { l1 } from './penalties/l1.ts';
export { l2, type L2Options } from './penalties/l2.ts';
export { orthogonal, type OrthogonalOptions } from './penalties/orthogonal.ts';
export { spectral, type SpectralOptions } from './penalties/spectral.ts';
export type { PenaltyOptions } from './penalties/penalty.ts';
// Constraints
export { maxNorm, minMaxNorm, unitNorm, type ConstraintOptions, type MaxNormOptions, type MinMaxNormOptions } from './constraints/norms.ts';
export { nonNegativeWeights } from './constraints/non-negative.ts';
export { proximalL1, softThreshold, type ProximalL1Options } from './constraints/proximal-l1.ts';
export { spectralNorm, type SpectralNormOptions } from './constraints/spectral-norm.ts';
// Noise
export { weightNoise, type WeightNoiseOptions } from './noise/weight-noise.ts';
// Strengths, and which params
export type { Amount } from './amount.ts';
export { selects, type Selection } from './selection.ts';
export type { ShortForm } from './short-form.ts';
export { largestSingular, type Singular } from './spectrum.ts';
// Contracts
export type { AfterStep, Constraint, OutputPenalty, OutputView, Penalty, Regularizer, Steered, WeightNoise } from './regularizer.ts';
