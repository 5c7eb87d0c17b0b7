import * as tf from '@tensorflow/tfjs-core';
import { specOf, type Batch } from '@gradstream/numerics';
import type { Metric, StepView } from '@gradstream/losses';
import type { Readback, StepOutcome } from '../trainer.ts';
import type { Plan } from './plan.ts';

/** What an outcome asks of the trainer that took the step. */
export interface StepTaker {
  /** Tensors of what the step left, for metrics that a plan has no number for. */
  view(plan: Plan, batch: Batch, loss: number): StepView;
  gradientNorm(): number;
  /** What reads the metrics that have a value in each step. */
  readersOf(metrics: readonly Metric[]): readonly Reader[];
}

/** Reads one metric of a step. */
export type Reader = (outcome: PlanOutcome) => number;

/** A step metric: by a kernel where there is one, else by its own tensors. */
export function readerOf(metric: Metric): Reader {
  switch (specOf(metric)?.name) {
    case 'gradientNorm': return ({ trainer }) => trainer.gradientNorm();
    case 'accuracy': return ({ plan }) => plan.accuracy();
    default: return (outcome) => tf.tidy(() => metric.step!(outcome.view()).dataSync()[0]);
  }
}

/** A step that a plan took; what it left stands in the plan until the next one. */
export class PlanOutcome implements StepOutcome {
  private made?: StepView;

  constructor(
    readonly trainer: StepTaker,
    readonly plan: Plan,
    private readonly batch: Batch,
    readonly hyper: Readonly<Record<string, number>>,
    private readonly penalty: number,
  ) {}

  scalars(metrics: readonly Metric[]): Readback {
    const values = [this.plan.loss(), this.penalty];
    for (const read of this.trainer.readersOf(metrics)) values.push(read(this));
    return { read: () => values };
  }

  view(): StepView {
    return (this.made ??= this.trainer.view(this.plan, this.batch, this.plan.loss()));
  }

  release(): void {
    if (!this.made) return;
    const { outputs, targets, loss, gradients, params } = this.made;
    tf.dispose([outputs, targets.values, loss, ...Object.values(gradients), ...Object.values(params)]);
    this.made = undefined;
  }
}
