import type { Examples, Key, Targets } from '@gradstream/numerics';

/**
 * A random change of a batch: `sample` draws, `apply` is pure. Typed arrays in, typed arrays out; images are
 * [size, height, width, channels]. `Out` is the kind of targets that come out (mixing makes probabilities).
 */
export interface Augmentation<Sampled = unknown, Out extends Targets | 'same' = 'same' | Targets> {
  readonly name: string;
  /** `same`, or the kind of targets that `apply` makes. */
  readonly targets: Out;
  /** Draws for a batch of this size and shape (batch in front). */
  sample(key: Key, shape: readonly number[]): Sampled;
  /** A new batch; arguments stay as they are. */
  apply<T extends Targets>(examples: Examples<T>, sampled: Sampled): Examples<Out extends Targets ? Out : T>;
}
