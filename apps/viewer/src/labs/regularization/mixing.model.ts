import { augmented, cutmix, mixup, randomShift } from '@gradstream/augment';
import type { Examples, Key } from '@gradstream/numerics';

export const mixings = ['mixup', 'cutmix', 'shift'] as const;
export type MixingName = (typeof mixings)[number];

/** A batch as it lies in the data and as augmentation makes it. */
export interface MixedBatch {
  readonly height: number;
  readonly width: number;
  readonly classes: number;
  /** [size, height, width] */
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** Soft labels [size, classes]. */
  readonly labels: Float32Array;
}

/** Mixes a batch of images by one of the library's augmentations; `shift` moves each by up to a pixel and leaves labels alone. */
export function mixedOf(name: MixingName, alpha: number, examples: Examples, key: Key): MixedBatch {
  const augmentation = name === 'mixup' ? mixup({ alpha, per: 'example' }) : name === 'cutmix' ? cutmix({ alpha, per: 'example' }) : randomShift({ pixels: 1 });
  const { inputs, targets } = augmented([augmentation], key, examples);
  const { size, inputShape: [, height, width], targets: { width: classes } } = examples;
  const labels = targets.kind === 'probabilities' ? Float32Array.from(targets.values) : new Float32Array(size * classes);
  if (targets.kind !== 'probabilities') targets.values.forEach((label, i) => { labels[i * classes + label] = 1; });
  return { height, width, classes, before: Float32Array.from(examples.inputs), after: Float32Array.from(inputs), labels };
}

/** The classes that share a label, the greatest share first. */
export const sharesOf = ({ labels, classes }: Pick<MixedBatch, 'labels' | 'classes'>, index: number): readonly { readonly label: number; readonly share: number }[] =>
  Array.from(labels.subarray(index * classes, (index + 1) * classes), (share, label) => ({ label, share })).filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
