import { map, type Observable } from 'rxjs';
import { toSpec, type Batch, type Targets } from '@gradstream/numerics';
import { applyAll, type Augmentation } from '@gradstream/augment';
import { withAugmentations } from './batches.ts';
import { RUN, type Sourced } from './run.ts';
import { recorded, type StageSpec } from './stage.ts';

/** The kind of targets after some augmentations: mixing makes probabilities of classes. */
export type OutOf<T extends Targets, A extends readonly Augmentation[]> = 'probabilities' extends A[number]['targets'] ? 'probabilities' : T;

/**
 * Changes each batch at random, the same way for the same seed and step. Directly below `batches` the work is done where
 * batches are made (in workers, when asked); elsewhere it is done in place.
 */
export function augment<const A extends readonly Augmentation<never, never>[] | readonly Augmentation[]>(
  ...augmentations: A
): { <T extends Targets>(source: Observable<Batch<T> & Sourced>): Observable<Batch<OutOf<T, A extends readonly Augmentation[] ? A : never>> & Sourced>; toSpec(): StageSpec } {
  const all = augmentations as readonly Augmentation[];
  const spec = (): StageSpec => ({ stage: 'augment', augment: all.map(toSpec) });
  const operator = (source: Observable<Batch & Sourced>) => withAugmentations(source, all) ?? recorded(source.pipe(map((batch) => inPlace(all, batch))), spec, source);
  return Object.assign(operator as never, { toSpec: spec });
}

function inPlace(augmentations: readonly Augmentation[], batch: Batch & Sourced): Batch & Sourced {
  const { clock } = batch[RUN];
  clock?.lap?.('rest');
  const made = applyAll(augmentations, batch) as Batch & Sourced;
  clock?.lap?.('augment');
  return made;
}
