import { fold, type Batch, type Examples, type Key, type Targets } from '@gradstream/numerics';
import type { Augmentation, Masks, OutOf } from './augmentation.ts';

/** The key of the augmentation at a position: another place or another name draws other numbers. */
export const keyOf = (batchKey: Key, { name }: Pick<Augmentation, 'name'>, position: number): Key => fold(fold(batchKey, `augment/${name}`), position);

/** Applies augmentations in order, each with a key of its own folded from the batch's. */
export const applyAll = <T extends Targets, const A extends readonly Augmentation[]>(augmentations: A, batch: Batch<T>): Batch<OutOf<T, A>> =>
  ({ ...batch, ...augmented(augmentations, batch.key, batch) }) as Batch<OutOf<T, A>>;

/** The same for examples that do not know their place in a run. */
export function augmented(augmentations: readonly Augmentation[], key: Key, { size, inputShape, inputs, targets }: Examples): Examples {
  return augmentations.reduce<Examples>(
    (examples, augmentation, position) => augmentation.apply(examples, augmentation.sample(keyOf(key, augmentation, position), examples.inputShape)),
    { size, inputShape, inputs, targets },
  );
}

/** Moves the masks of a batch the way `applyAll` moved its images (the batch as it was before). */
export function applyAllToMasks(augmentations: readonly Augmentation[], batch: Pick<Batch, 'key' | 'inputShape'>, masks: Masks): Masks {
  const [, , , channels] = batch.inputShape;
  return augmentations.reduce((current, augmentation, position) => {
    if (!augmentation.applyToMasks) return current;
    return augmentation.applyToMasks(current, augmentation.sample(keyOf(batch.key, augmentation, position), [...current.shape.slice(0, 3), channels]));
  }, masks);
}
