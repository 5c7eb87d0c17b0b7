import { factory, InputError, integerAt, listOf, oneOf, positiveInteger, wholeNumber } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, type Image, type ImageDraws } from './image.ts';
import { window } from './shift.ts';

export interface CropOptions {
  /** Pixels added on each side before the crop. Default 4. */
  readonly padding?: number;
  /** Height and width of what comes out. Default those of the image. */
  readonly size?: readonly number[];
  /** What the padding holds: zeros, or the border pixel. Default `zero`. */
  readonly border?: 'zero' | 'edge';
}

/** The corner of the crop in the unpadded image. */
export interface CropDraw {
  readonly left: number;
  readonly top: number;
}

/** Pads images and cuts a window out, at a place drawn evenly: the usual "pad by 4, crop 32x32" of CIFAR. */
export const randomCrop = factory<CropOptions, Augmentation<ImageDraws<CropDraw>, 'same'>>('randomCrop', { padding: wholeNumber, size: listOf(positiveInteger, 2), border: oneOf('zero', 'edge') }, ({ padding = 4, size, border = 'zero' }) => {
  const paint = (from: Image, to: Image, { left, top }: CropDraw): void => window(from, to, left, top, border);
  return perImage('randomCrop', 1, {
    draw: (key, { height, width }) => {
      const [outHeight, outWidth] = size ?? [height, width];
      const places = [width + 2 * padding - outWidth + 1, height + 2 * padding - outHeight + 1];
      if (places.some((n) => n < 1)) throw new InputError(`randomCrop: size [${outHeight}, ${outWidth}] is larger than the image, [${height}, ${width}] with ${padding} pixels of padding`);
      return { left: integerAt(key, 0, places[0]) - padding, top: integerAt(key, 1, places[1]) - padding };
    },
    paint,
    masks: paint,
    ...(size ? { resized: [size[0], size[1]] as const } : {}),
  });
});
