import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Batch } from '@gradstream/numerics';
import type { Metric, StepView } from '@gradstream/losses';
import type { Readback, StepOutcome } from '@gradstream/engine';
import { RUN, type Live, type Run, type Sourced } from './run.ts';

/**
 * One step, borrowed: its tensors may be read while it is being emitted, and not a moment later.
 * `metrics` turns it into numbers.
 */
export class Step implements Live {
  readonly [RUN]: Run;
  private open = true;
  private seen?: StepView;

  constructor(
    run: Run,
    readonly batch: Batch & Sourced,
    private readonly outcome: StepOutcome,
  ) {
    this[RUN] = run;
  }

  get step(): number {
    return this.batch.step;
  }
  get epoch(): number {
    return this.batch.epoch;
  }
  /** Hyper-parameters this step used. */
  get hyper(): Readonly<Record<string, number>> {
    return this.outcome.hyper;
  }
  /** Mean loss of the batch, penalties not included. */
  get loss(): Scalar {
    return this.view('loss').loss;
  }
  /** What the model said, [batch, …]. */
  get outputs(): Tensor {
    return this.view('outputs').outputs;
  }
  /** By param name, as the optimizer got them. */
  get gradients(): Readonly<Record<string, Tensor>> {
    return this.view('gradients').gradients;
  }
  /** By param name, after the update. */
  get params(): Readonly<Record<string, Tensor>> {
    return this.view('params').params;
  }

  /** Loss, penalty and the metrics' values, packed in one vector that outlives the step. */
  scalars(metrics: readonly Metric[]): Readback {
    this.check('scalars');
    return this.outcome.scalars(metrics);
  }

  /** Ends the loan. */
  revoke(): void {
    this.open = false;
    this.seen = undefined;
    this.outcome.release();
  }

  private view(what: keyof StepView): StepView {
    this.check(what);
    return (this.seen ??= this.outcome.view());
  }

  private check(what: string): void {
    if (!this.open) throw new Error(`'${what}' of step ${this.step} was read after the step had ended: tensors are lent while a step is emitted; put asynchronous operators below 'metrics'`);
  }
}
