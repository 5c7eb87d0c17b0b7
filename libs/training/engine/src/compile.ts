import { boolean, InputError, oneOf, positiveInteger, type OptionTable } from '@gradstream/numerics';
import { currentBackend } from './backend.ts';
import type { KernelOptions } from './kernels/kernels.ts';
import { nativeBlas } from './native/blas.ts';
import { planTrainer } from './plan/trainer.ts';
import { steered } from './steered.ts';
import { tapeTrainer } from './tape.ts';
import type { StepDescription, Trainer } from './trainer.ts';

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
