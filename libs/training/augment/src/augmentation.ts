import type { Examples, Key, Targets } from '@gradstream/numerics';

/**
 * A random change of a batch: `sample` draws, `apply` is pure. Typed arrays in, typed arrays of the same type out;
 * images are [size, height, width, channels], bytes (read as value / 255) or numbers, nominally in [0, 1].
 * `Out` is the kind of targets that come out (mixing makes probabilities).
 */
export interface Augmentation<Sampled = unknown, Out extends Targets | 'same' = 'same' | Targets> {
  readonly name: string;
  /** `same`, or the kind of targets that `apply` makes. */
  readonly targets: Out;
  /** Draws for a batch of this size and shape (batch in front). The same key and shape give the same draw. */
  sample(key: Key, shape: readonly number[]): Sampled;
  /** A new batch; arguments stay as they are. */
  apply<T extends Targets>(examples: Examples<T>, sampled: Sampled): Examples<Out extends Targets ? Out : T>;
  /**
   * What the same draw does to masks [size, height, width, 1] of class numbers: moved with the image, nearest neighbour,
   * never blended. Absent where the picture changes but nothing moves: masks then stay as they are.
   */
  applyToMasks?(masks: Masks, sampled: Sampled): Masks;
}

/** One class number for each pixel. */
export interface Masks {
  /** [size, height, width, 1] */
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int32Array;
}

/** The kind of targets after a row of augmentations. */
export type OutOf<T extends Targets, A extends readonly Augmentation[]> =
  A extends readonly [infer First extends Augmentation, ...infer Rest extends readonly Augmentation[]]
    ? OutOf<First['targets'] extends Targets ? First['targets'] : T, Rest>
    : A extends readonly [] ? T : Targets;
