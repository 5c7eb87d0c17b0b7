import { boolean, InputError, oneOf, positiveInteger, type Batch, type Examples, type Key, type OptionTable, type Weights } from '@gradstream/numerics';
import type { Metric, Objective, StepView } from '@gradstream/losses';
import type { BuiltModel } from '@gradstream/models';
import type { OptimizerState, Transformation } from '@gradstream/optimizers';
import type { Regularizer } from '@gradstream/regularizers';
import { currentBackend } from './backend.ts';
import type { KernelOptions } from './kernels/kernels.ts';
import { nativeBlas } from './native/blas.ts';
import { planTrainer } from './plan/trainer.ts';
import { steered } from './steered.ts';
import { tapeTrainer } from './tape.ts';

/** Everything a training step is made of. */
export interface StepDescription {
  readonly model: BuiltModel;
  readonly objective: Objective;
  readonly regularizers: readonly Regularizer[];
  readonly optimizer: Transformation;
  /** Root key of the run: initial weights come from `fold(key, 'init')`, masks from each batch's own key. */
  readonly key: Key;
}

/**
 * What carries the step out: `auto` takes the fastest that covers the run; `plan` kernels fixed beforehand, on memory of their
 * own; `native` the same with large products in the system's OpenBLAS; `tape` TensorFlow.js's gradients, which cover everything.
 */
export type EngineChoice = 'auto' | 'native' | 'plan' | 'tape';

export interface CompileOptions extends KernelOptions {
  /** Default `auto`. */
  readonly engine?: EngineChoice;
  /** Threads that carry out a planned step together, the caller's included; the result is the same bit for bit. Default 1. */
  readonly threads?: number;
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
  /** What it minimises. */
  readonly objective: Objective;
  step(batch: Batch): StepOutcome;
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

/** Option rules of `compile`. */
export const compileRules: OptionTable<CompileOptions> = { engine: oneOf('auto', 'native', 'plan', 'tape'), strict: boolean, threads: positiveInteger };

/**
 * Turns a description into a step on the backend that runs (`useBackend` first). `strict` keeps products out of native code,
 * whose rounding differs between machines.
 *
 * @throws InputError where `plan` or `native` is asked for and is not to be had, saying what is missing
 */
export const compile = (description: StepDescription, options: CompileOptions = {}): Trainer => steered(trainerFor(description, options), description.regularizers);

function trainerFor(description: StepDescription, { engine = 'auto', strict = false, threads = 1 }: CompileOptions): Trainer {
  const backend = currentBackend();
  if (!backend) throw new Error('compile: no backend runs yet; await useBackend() first');
  if (engine === 'tape' || (engine === 'auto' && backend.name !== 'wasm')) return tapeTrainer(description, backend.name);

  const native = engine === 'plan' || (engine === 'auto' && (strict || threads > 1)) ? undefined : nativeBlas();
  if (engine === 'native' && typeof native === 'string') throw new InputError(`engine 'native' is not to be had: ${native}; use 'auto' or 'plan'`);
  const planned = planTrainer(description, backend.name, { strict, threads, native: typeof native === 'string' ? undefined : native });
  if (typeof planned !== 'string') return planned;
  if (engine !== 'auto') throw new InputError(`engine '${engine}' does not cover this run: ${planned}; use 'auto' or 'tape'`);
  return tapeTrainer(description, backend.name);
}
