import type { ParamInfo } from '@gradstream/numerics';

/** Values by param name: plain arrays for the host executors, tensors for `tf`. */
export type Named<A> = ReadonlyMap<string, A>;

/** What an update needs. */
export interface UpdateInput<A> {
  /** 0-based step; schedules are read here. */
  readonly step: number;
  readonly params: Named<A>;
  /** A param without a gradient this step keeps its values, its count and its state. */
  readonly gradients: Named<A>;
  /** The gradient of the same batch (same masks) at other params; for SAM and look-ahead rules. */
  gradientsAt?(params: Named<A>): Named<A>;
  /** Examples behind the gradients, for accumulation weighted by size. */
  readonly size?: number;
}

/** Slots and counters as plain data; restoring it continues bit for bit. `V` is Float64Array for the float64 reference. */
export interface OptimizerState<V extends Float32Array | Float64Array = Float32Array> {
  /** Slots by `<link>/<slot>/<param>`. */
  readonly slots: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: V }>;
  /** Counters and one-number-per-run state, JSON. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * A transformation bound to the params of one run.
 * Host executors (`js`, `float64`) change the params in place and return them; `tf` returns fresh tensors and disposes nothing it was lent.
 */
export interface BoundOptimizer<A, V extends Float32Array | Float64Array = Float32Array> {
  update(input: UpdateInput<A>): Named<A>;
  /** Hyper-parameters as the last update used them, by name: `learningRate`, `b1`. */
  readonly hyper: Readonly<Record<string, number>>;
  /**
   * Sets a hyper-parameter by the name it has in `hyper`: from the next update on it has this value, whatever schedule or stream
   * it followed. Not part of a snapshot.
   *
   * @throws InputError for a name nobody knows, or a value out of range
   */
  set(name: string, value: number): void;
  /** Weights to evaluate and to save: fresh values where they differ from the trained ones (EMA, SWA, schedule-free), the given ones elsewhere. */
  evaluationParams(params: Named<A>): Named<A>;
  snapshot(): OptimizerState<V>;
  /** @throws InputError saying which names or shapes differ */
  restore(state: OptimizerState<V>): void;
  /** Releases streams and tensors. */
  close(): void;
}

export type { ParamInfo };
