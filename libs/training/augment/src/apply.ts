import { fold, type Batch, type Key, type Targets } from '@gradstream/numerics';
import type { Augmentation, Masks, OutOf } from './augmentation.ts';

/** The key of the augmentation at a position: another place or another name draws other numbers. */
export const keyOf = (batchKey: Key, { name }: Pick<Augmentation, 'name'>, position: number): Key => fold(fold(batchKey, `augment/${name}`), position);

/** Applies augmentations in order, each with a key of its own folded from the batch's. */
export function applyAll<T extends Targets, const A extends readonly Augmentation[]>(augmentations: A, batch: Batch<T>): Batch<OutOf<T, A>> {
  let current: Batch = batch;
  augmentations.forEach((augmentation, position) => {
    const sampled = augmentation.sample(keyOf(batch.key, augmentation, position), current.inputShape);
    current = { ...current, ...augmentation.apply(current, sampled) };
  });
  return current as Batch<OutOf<T, A>>;
}

/** Moves the masks of a batch the way `applyAll` moved its images (the batch as it was before). */
export function applyAllToMasks(augmentations: readonly Augmentation[], batch: Pick<Batch, 'key' | 'inputShape'>, masks: Masks): Masks {
  const [, , , channels] = batch.inputShape;
  let current = masks;
  augmentations.forEach((augmentation, position) => {
    const shape = [...current.shape.slice(0, 3), channels];
    if (augmentation.applyToMasks) current = augmentation.applyToMasks(current, augmentation.sample(keyOf(batch.key, augmentation, position), shape));
  });
  return current;
}
