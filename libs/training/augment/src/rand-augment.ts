/**
 * RandAugment: Cubuk, Zoph, Shlens, Le 2020, "RandAugment: Practical automated data augmentation with a reduced search space",
 * section 3, https://arxiv.org/abs/1909.13719. Ranges as in torchvision: a magnitude m of 0 … 30 is the share m/30 of each range.
 */
import { between, factory, integerAt, positiveInteger, uniformAt, type Key } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type ImageDraws, type ImageShape } from './image.ts';
import { carryOut, operations, type Chosen, type OperationName } from './operations.ts';

export interface RandAugmentOptions {
  /** Changes in a row. Default 2. */
  readonly n?: number;
  /** Strength, 0 to 30. Default 9. */
  readonly magnitude?: number;
}

/** From what to what a magnitude goes, and whether its sign is drawn. */
interface Range {
  readonly from: number;
  readonly to: (shape: ImageShape) => number;
  readonly signed?: boolean;
}

const factorRange: Range = { from: 0, to: () => 0.9, signed: true };
const none: Range = { from: 0, to: () => 0 };
const ranges: Readonly<Record<OperationName, Range>> = {
  identity: none, autoContrast: none, equalize: none,
  brightness: factorRange, contrast: factorRange, color: factorRange, sharpness: factorRange,
  posterize: { from: 8, to: () => 4 },
  solarize: { from: 1, to: () => 0 },
  rotate: { from: 0, to: () => 30, signed: true },
  shearX: { from: 0, to: () => 0.3, signed: true },
  shearY: { from: 0, to: () => 0.3, signed: true },
  translateX: { from: 0, to: ({ width }) => (150 / 331) * width, signed: true },
  translateY: { from: 0, to: ({ height }) => (150 / 331) * height, signed: true },
};
const names = Object.keys(operations) as OperationName[];

/** Applies `n` changes, each drawn evenly from 14, all at one strength. Meant for images before normalisation. */
export const randAugment = factory<RandAugmentOptions, Augmentation<ImageDraws<readonly Chosen[]>, 'same'>>('randAugment', { n: positiveInteger, magnitude: between(0, 30) }, ({ n = 2, magnitude = 9 }) => {
  const choose = (key: Key, i: number, shape: ImageShape): Chosen => {
    const operation = names[integerAt(key, i, names.length)];
    const { from, to, signed } = ranges[operation];
    const size = from + (to(shape) - from) * (magnitude / 30);
    return { operation, magnitude: signed && uniformAt(key, n + i) < 0.5 ? -size : size };
  };
  return perImage<readonly Chosen[]>('randAugment', 1, {
    draw: (key, shape) => Array.from({ length: n }, (_, i) => choose(key, i, shape)),
    paint: (from, to, chosen) => carryOut(chosen, from, to),
    masks: (from, to, chosen) => carryOut(chosen, from, to, true),
  });
});
