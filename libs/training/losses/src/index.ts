// Objectives
export { objectives } from './objectives/index.ts';
export { sigmoidFocal, softmaxFocal, type SigmoidFocalOptions, type SoftmaxFocalOptions } from './objectives/focal.ts';
export { kullbackLeibler } from './objectives/kullback-leibler.ts';
export { huber, logCosh, meanAbsoluteError, meanSquaredError, smoothL1, type HuberOptions, type SmoothL1Options } from './objectives/regression.ts';
export { sigmoidCrossEntropy, type SigmoidCrossEntropyOptions } from './objectives/sigmoid-cross-entropy.ts';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './objectives/softmax-cross-entropy.ts';
// Metrics
export { metrics } from './metrics/index.ts';
export { accuracy } from './metrics/accuracy.ts';
export { areaUnderRoc, auc } from './metrics/auc.ts';
export { calibrationError, type CalibrationErrorOptions } from './metrics/calibration.ts';
export { confusionMatrix, f1, topK, type F1Options, type TopKOptions } from './metrics/classification.ts';
export { gradientNorm, weightNorm } from './metrics/gradient-norm.ts';
export { perplexity } from './metrics/perplexity.ts';
export { mae, mse, rSquared } from './metrics/regression.ts';
// Contracts
export type { Objective, TargetTensor } from './objective.ts';
export type { Accumulator, Metric, StepView } from './metric.ts';
