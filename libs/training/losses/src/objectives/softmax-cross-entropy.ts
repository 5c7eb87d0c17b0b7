/**
 * Softmax cross-entropy with label smoothing (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567, section 7).
 *
 *   loss = − mean over rows of Σ_k t_k · log softmax(logits)_k        t = (1 − ε) · target + ε / K
 *
 * With class weights (torch's convention) each t_k is multiplied by w_k, and for hard labels the mean divides by the sum
 * of the labels' weights instead of the number of rows. Smoothing mixes a label with the uniform distribution;
 * mixing it with another example's is mixup.
 */
import * as tf from '@tensorflow/tfjs-core';
import { factory, InputError, listOf, nonNegative, unitHalfOpen } from '@gradstream/numerics';
import type { Objective, TargetTensor } from '../objective.ts';
import { classesOf, rowsOf, targetRows } from '../rows.ts';

export interface SoftmaxCrossEntropyOptions {
  /** ε: share of the target spread evenly over all K classes, the true one included, in [0, 1). Default 0. Evaluations report the loss without it. */
  readonly labelSmoothing?: number;
  /** One weight for each class. Default: all 1. */
  readonly classWeights?: readonly number[];
}

/** For classes and for distributions over classes (mixed labels), one row of logits for each. */
export const softmaxCrossEntropy = factory<SoftmaxCrossEntropyOptions, Objective<'classes' | 'probabilities'>>(
  'softmaxCrossEntropy',
  { labelSmoothing: unitHalfOpen, classWeights: listOf(nonNegative, 1) },
  ({ labelSmoothing = 0, classWeights }) => ({
    name: 'softmaxCrossEntropy',
    accepts: ['classes', 'probabilities'],
    link: 'softmax',
    loss: (outputs, targets) => crossEntropy(outputs, targets, labelSmoothing, classWeights),
    evaluationLoss: (outputs, targets) => crossEntropy(outputs, targets, 0, classWeights),
    weightOf: ({ size, targets }) => (classWeights && targets.kind === 'classes' ? targets.values.reduce((sum, label) => sum + classWeights[label], 0) : size),
  }),
);

function crossEntropy(outputs: tf.Tensor, targets: TargetTensor, smoothing: number, weights: readonly number[] | undefined): tf.Scalar {
  return tf.tidy(() => {
    const logits = rowsOf(outputs);
    const classes = logits.shape[1];
    if (weights && weights.length !== classes) throw new InputError(`softmaxCrossEntropy: classWeights must hold one weight for each of ${classes} classes, received ${weights.length}`);

    const hard = targetRows('softmaxCrossEntropy', logits, targets);
    const smooth = smoothing > 0 ? tf.add(tf.mul(hard, 1 - smoothing), smoothing / classes) : hard;
    const weighted = weights ? tf.mul(smooth, tf.tensor1d(weights as number[])) : smooth;
    const total = tf.neg(tf.sum(tf.mul(weighted, tf.logSoftmax(logits))));
    const count = weights && targets.kind === 'classes' ? tf.sum(tf.gather(tf.tensor1d(weights as number[]), classesOf(targets))) : logits.shape[0];
    return tf.div(total, count);
  });
}
