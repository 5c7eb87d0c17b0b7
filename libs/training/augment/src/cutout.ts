/** Cutout: DeVries and Taylor 2017, "Improved Regularization of Convolutional Neural Networks with Cutout", section 3.2, https://arxiv.org/abs/1708.04552 */
import { factory, integerAt, positiveInteger, unitClosed } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { fillBox, type Box } from './boxes.ts';
import { perImage, whiteOf, type ImageDraws } from './image.ts';

export interface CutoutOptions {
  /** Side of the square, in pixels. Default 8. */
  readonly side?: number;
  /** What the square is filled with, in [0, 1]. Default 0. */
  readonly fill?: number;
  /** Share of the images that are changed. Default 1. */
  readonly probability?: number;
}

/** Blanks a square whose middle is any pixel, so that it may hang over the border. */
export const cutout = factory<CutoutOptions, Augmentation<ImageDraws<Box>, 'same'>>('cutout', { side: positiveInteger, fill: unitClosed, probability: unitClosed }, ({ side = 8, fill = 0, probability = 1 }) =>
  perImage<Box>('cutout', probability, {
    draw: (key, { height, width }) => {
      const top = integerAt(key, 0, height) - Math.floor(side / 2);
      const left = integerAt(key, 1, width) - Math.floor(side / 2);
      return { top: Math.max(0, top), left: Math.max(0, left), bottom: Math.min(height, top + side), right: Math.min(width, left + side) };
    },
    paint: (from, to, box) => {
      to.values.set(from.values);
      fillBox(to, box, fill * whiteOf(from.values));
    },
    masks: 'stays',
  }));
