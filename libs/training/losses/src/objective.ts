import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Examples, Targets } from '@gradstream/numerics';

/**
 * Targets as tensors: `classes` int32 [batch] (or [batch, positions]), `probabilities` and `values` float32 [batch, width].
 */
export interface TargetTensor {
  readonly kind: Targets;
  readonly width: number;
  readonly values: Tensor;
}

/** What training minimises: a mean over the batch of a function of outputs (logits for classification) and targets. */
export interface Objective<T extends Targets = Targets> {
  readonly name: string;
  /** The kinds of targets it takes. */
  readonly accepts: readonly T[];
  /** What turns outputs into predictions. */
  readonly link: 'softmax' | 'sigmoid' | 'identity';
  /** Mean loss of a batch, differentiable on every backend. */
  loss(outputs: Tensor, targets: TargetTensor): Scalar;
  /** The loss that evaluations report, where it is another (no label smoothing): defaults to `loss`. */
  evaluationLoss?(outputs: Tensor, targets: TargetTensor): Scalar;
  /** What a batch counts among others, so that the loss of a split is exact: defaults to its size. */
  weightOf?(examples: Pick<Examples, 'size' | 'targets'>): number;
}
