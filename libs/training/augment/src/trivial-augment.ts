/**
 * TrivialAugment Wide: Müller and Hutter 2021, "TrivialAugment: Tuning-free Yet State-of-the-Art Data Augmentation",
 * algorithm 1 and table 6, https://arxiv.org/abs/2103.10158: one change, its strength drawn evenly from 31 levels.
 */
import { factory, integerAt, uniformAt } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type ImageDraws } from './image.ts';
import { carryOut, operations, type Chosen, type OperationName } from './operations.ts';

const LEVELS = 31;

/** The weakest and the strongest magnitude, and whether its sign is drawn. */
const ranges: Readonly<Record<OperationName, readonly [weakest: number, strongest: number, signed: boolean]>> = {
  identity: [0, 0, false], autoContrast: [0, 0, false], equalize: [0, 0, false],
  brightness: [0, 0.99, true], contrast: [0, 0.99, true], color: [0, 0.99, true], sharpness: [0, 0.99, true],
  posterize: [8, 2, false], solarize: [1, 0, false],
  rotate: [0, 135, true], shearX: [0, 0.99, true], shearY: [0, 0.99, true], translateX: [0, 32, true], translateY: [0, 32, true],
};
const names = Object.keys(operations) as OperationName[];

/** Applies a single change of any strength. Nothing to tune. Meant for images before normalisation. */
export const trivialAugment = factory<object, Augmentation<ImageDraws<readonly Chosen[]>, 'same'>>('trivialAugment', {}, () =>
  perImage<readonly Chosen[]>('trivialAugment', 1, {
    draw: (key) => {
      const operation = names[integerAt(key, 0, names.length)];
      const [weakest, strongest, signed] = ranges[operation];
      const size = weakest + ((strongest - weakest) * integerAt(key, 1, LEVELS)) / (LEVELS - 1);
      return [{ operation, magnitude: signed && uniformAt(key, 4) < 0.5 ? -size : size }];
    },
    paint: (from, to, chosen) => carryOut(chosen, from, to),
    masks: (from, to, chosen) => carryOut(chosen, from, to, true),
  }));
