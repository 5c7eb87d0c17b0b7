import { registry, type Registry } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { randomFlip } from './flip.ts';
import { mixup } from './mixup.ts';
import { randomShift } from './shift.ts';

/** Augmentations by the name a document uses (kind `augmentation`). */
export const augmentations: Registry<Augmentation> = registry(randomShift, randomFlip, mixup);
