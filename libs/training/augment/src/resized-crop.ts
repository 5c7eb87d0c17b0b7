/**
 * Random resized crop: Szegedy et al. 2015, "Going deeper with convolutions", section 6; as torchvision draws it:
 * an area and an aspect ratio, ten tries to fit, else the largest window of an allowed ratio in the middle.
 */
import { integerAt, listOf, positive, uniformAt } from '@gradstream/numerics';
import { warping, type WarpOptions } from './warp.ts';

export interface ResizedCropOptions extends WarpOptions {
  /** Smallest and largest share of the area. Default [0.08, 1]. */
  readonly area?: readonly number[];
  /** Smallest and largest width over height. Default [3/4, 4/3], drawn evenly in its logarithm. */
  readonly ratio?: readonly number[];
}

/** Cuts a window out and stretches it to the size of the image. */
export const randomResizedCrop = warping<Omit<ResizedCropOptions, keyof WarpOptions>>('randomResizedCrop', { area: listOf(positive, 2), ratio: listOf(positive, 2) }, ({ area: [smallest, largest] = [0.08, 1], ratio: [slimmest, widest] = [3 / 4, 4 / 3] }) =>
  (key, { height, width }) => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * (smallest + uniformAt(key, 4 * attempt) * (largest - smallest));
      const ratio = Math.exp(Math.log(slimmest) + uniformAt(key, 4 * attempt + 1) * Math.log(widest / slimmest));
      const [w, h] = [Math.round(Math.sqrt(area * ratio)), Math.round(Math.sqrt(area / ratio))];
      if (w >= 1 && w <= width && h >= 1 && h <= height) return stretched(integerAt(key, 4 * attempt + 2, width - w + 1), integerAt(key, 4 * attempt + 3, height - h + 1), w, h);
    }
    const ratio = Math.min(widest, Math.max(slimmest, width / height));
    const [w, h] = [Math.min(width, Math.round(height * ratio)), Math.min(height, Math.round(width / ratio))];
    return stretched(Math.floor((width - w) / 2), Math.floor((height - h) / 2), w, h);

    /** Pixel centres lie at halves, so that the window's borders fall on the image's. */
    function stretched(left: number, top: number, w: number, h: number) {
      const [sx, sy] = [w / width, h / height];
      return [sx, 0, left + sx / 2 - 0.5, 0, sy, top + sy / 2 - 0.5, 0, 0, 1] as const;
    }
  });
