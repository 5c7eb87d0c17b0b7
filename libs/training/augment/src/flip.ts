import { factory, oneOf, unitClosed } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type Image, type ImageDraws } from './image.ts';

export interface FlipOptions {
  /** `horizontal` swaps left and right, `vertical` top and bottom. Default `horizontal`. */
  readonly axis?: 'horizontal' | 'vertical';
  /** Share of the images that are flipped. Default 0.5. */
  readonly probability?: number;
}

/** Mirrors images. */
export const randomFlip = factory<FlipOptions, Augmentation<ImageDraws<true>, 'same'>>('randomFlip', { axis: oneOf('horizontal', 'vertical'), probability: unitClosed }, ({ axis = 'horizontal', probability = 0.5 }) => {
  const paint = axis === 'vertical' ? upsideDown : mirrored;
  return perImage<true>('randomFlip', probability, { draw: () => true, paint, masks: paint });
});

function upsideDown({ height, width, channels, values }: Image, to: Image): void {
  const row = width * channels;
  for (let y = 0; y < height; y++) to.values.set(values.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
}

function mirrored({ height, width, channels, values }: Image, { values: out }: Image): void {
  const row = width * channels;
  for (let y = 0, o = 0; y < height; y++) {
    for (let i = (y + 1) * row - channels; i >= y * row; i -= channels) {
      out[o++] = values[i];
      for (let c = 1; c < channels; c++) out[o++] = values[i + c];
    }
  }
}
