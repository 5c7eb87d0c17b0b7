import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Examples } from '@gradstream/numerics';
import type { Objective, TargetTensor } from './objective.ts';

/** What a metric may look at during a step; borrowed for the call. */
export interface StepView {
  readonly outputs: Tensor;
  readonly targets: TargetTensor;
  readonly loss: Scalar;
  /** Gradients by param name, as the optimizer gets them. */
  readonly gradients: Readonly<Record<string, Tensor>>;
  readonly params: Readonly<Record<string, Tensor>>;
}

/** Collects a whole split, batch by batch, and gives exact values (not means of batch means). */
export interface Accumulator {
  /** Outputs [size, width] as plain numbers. */
  add(outputs: Float32Array, examples: Pick<Examples, 'size' | 'targets'>): void;
  /** Values by metric name, without the split: `{ accuracy: 0.97 }`. */
  result(): Readonly<Record<string, number>>;
}

/** A metric of steps, of whole splits, or of both. */
export interface Metric {
  readonly name: string;
  /** Value on the batch of one step; named `train/<name>`, or plainly where `plain` is set (`gradientNorm`). */
  step?(view: StepView): Scalar;
  readonly plain?: boolean;
  /** Value on a split. */
  accumulator?(objective: Objective): Accumulator;
}
