// Objectives
export { objectives } from './objectives/index.ts';
export { meanSquaredError } from './objectives/mean-squared-error.ts';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './objectives/softmax-cross-entropy.ts';
// Metrics
export { metrics } from './metrics/index.ts';
export { accuracy } from './metrics/accuracy.ts';
export { gradientNorm } from './metrics/gradient-norm.ts';
export { mae, mse } from './metrics/regression.ts';
// Contracts
export type { Objective, TargetTensor } from './objective.ts';
export type { Accumulator, Metric, StepView } from './metric.ts';
