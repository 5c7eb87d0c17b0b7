import type { Examples, ExampleStore, Key, Spec } from '@gradstream/numerics';

/** What a pool tells a worker, once. */
export interface Setup {
  readonly type: 'setup';
  /** Modules whose exported factories the worker adds to those of this package, by URL. */
  readonly modules: readonly string[];
  readonly augmentations: readonly Spec[];
  /** Where the examples lie; shared where the platform can. Absent: each job brings its own. */
  readonly store?: ExampleStore;
}

/** One batch to make. */
export interface Job {
  readonly type: 'job';
  readonly job: number;
  readonly key: Key;
  /** Which examples of the store, or the examples themselves. */
  readonly from: Uint32Array | Examples;
}

/** What a worker answers. */
export type Answer =
  | { readonly type: 'made'; readonly job: number; readonly examples: Examples }
  | { readonly type: 'failed'; readonly job: number; readonly message: string; readonly inputError: boolean };

/** The least of a worker that a pool needs: browsers' and Node's fit through an adapter of a few lines. */
export interface WorkerPort {
  post(message: Setup | Job, transfer: readonly ArrayBuffer[]): void;
  /** Called with each answer. */
  onAnswer(listener: (answer: Answer) => void): void;
  /** Called when the worker can do no more. */
  onFailure(listener: (error: Error) => void): void;
  /** Keeps the process alive while answers are awaited (Node). */
  hold?(awaiting: boolean): void;
  close(): void;
}

/** The buffers of some examples that can be handed over without a copy. */
export const buffersOf = ({ inputs, targets }: Examples): ArrayBuffer[] =>
  [...new Set([inputs.buffer, targets.values.buffer])].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
