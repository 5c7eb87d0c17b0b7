import type { Batch, Examples, Key, Weights } from '@gradstream/numerics';
import type { Metric, Objective, StepView } from '@gradstream/losses';
import type { BuiltModel } from '@gradstream/models';
import type { OptimizerState, Transformation } from '@gradstream/optimizers';
import type { Regularizer } from '@gradstream/regularizers';

/** Everything a training step is made of. */
export interface StepDescription {
  readonly model: BuiltModel;
  readonly objective: Objective;
  readonly regularizers: readonly Regularizer[];
  readonly optimizer: Transformation;
  /** Root key of the run: initial weights come from `fold(key, 'init')`, masks from each batch's own key. */
  readonly key: Key;
}

/** Scalars of one step, packed in one vector, still on the backend. */
export interface Readback {
  /** Reads them all at once, in the order asked for, and releases the vector. */
  read(): ArrayLike<number>;
}

/** One step that was taken. Tensors reached through it are borrowed until `release`. */
export interface StepOutcome {
  /** Hyper-parameters that the step used. */
  readonly hyper: Readonly<Record<string, number>>;
  /** Loss of the batch, the penalties' sum, then one value for each metric that has a `step`. */
  scalars(metrics: readonly Metric[]): Readback;
  /** Outputs, gradients and params as tensors. */
  view(): StepView;
  release(): void;
}

/**
 * What the time of a step goes to. `data` copies the batch in. Where forward, loss and backward cannot be told apart (threads
 * that share a plan) they are one `pass`; a second gradient that the optimizer asks for belongs to the `update`.
 */
export type StepPart = 'data' | 'forward' | 'loss' | 'backward' | 'pass' | 'update';

/** Called when a part of a step has ended. */
export type Lap = (part: StepPart) => void;

/** What continues a run bit for bit. */
export interface TrainerState {
  readonly weights: Weights;
  readonly optimizer: OptimizerState;
}

/** A training step in the hands of one run, with the weights it trains. */
export interface Trainer {
  /** The layer that carries out the step, and where: `tape+wasm`, `plan+wasm`. */
  readonly engine: string;
  readonly backend: string;
  readonly model: BuiltModel;
  /** What it minimises. */
  readonly objective: Objective;
  /** @param lap is told the parts of this step as they end; the step is the same with it */
  step(batch: Batch, lap?: Lap): StepOutcome;
  /** Sets a hyper-parameter of the optimizer from the next step on. @throws InputError for an unknown name, or a value out of range */
  set(name: string, value: number): void;
  /** Outputs (row-major, batch in front) and mean evaluation loss of some examples, with the weights to evaluate. */
  evaluate(examples: Examples): { readonly outputs: Float32Array; readonly loss: number };
  /** Copies of the trained weights and buffers. */
  weights(): Weights;
  /** Copies of the weights to evaluate and save; the trained ones unless the optimizer averages. */
  evaluationWeights(): Weights;
  snapshot(): TrainerState;
  /** @throws InputError saying which names or shapes differ */
  restore(state: { readonly weights: Weights; readonly optimizer?: OptimizerState }): void;
  dispose(): void;
}
