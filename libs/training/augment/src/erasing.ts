/** Random erasing: Zhong, Zheng, Kang, Li, Yang 2020, "Random Erasing Data Augmentation", algorithm 1, https://arxiv.org/abs/1708.04896 */
import { either, factory, fold, integerAt, listOf, oneOf, positive, uniformAt, uniforms, unitClosed, type OptionTable } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { fillBox, type Box } from './boxes.ts';
import { perImage, whiteOf, type ImageDraws } from './image.ts';

export interface ErasingOptions {
  /** Smallest and largest share of the area. Default [0.02, 0.33]. */
  readonly area?: readonly number[];
  /** Smallest and largest height over width, drawn evenly in its logarithm. Default [0.3, 3.3]. */
  readonly ratio?: readonly number[];
  /** `noise` (the paper's random values), or one value in [0, 1]. Default `noise`. */
  readonly fill?: number | 'noise';
  /** Share of the images that are changed. Default 0.5. */
  readonly probability?: number;
}

/** A box, and the values that fill it where they are noise. */
export interface ErasingDraw {
  readonly box: Box;
  readonly noise?: Float32Array;
}

const rules: OptionTable<ErasingOptions> = { area: listOf(positive, 2), ratio: listOf(positive, 2), fill: either(unitClosed, oneOf('noise')), probability: unitClosed };

/** Blanks a rectangle that lies within the image. Where ten draws of area and ratio do not fit, the image stays as it is. */
export const randomErasing = factory<ErasingOptions, Augmentation<ImageDraws<ErasingDraw>, 'same'>>('randomErasing', rules, ({ area = [0.02, 0.33], ratio = [0.3, 3.3], fill = 'noise', probability = 0.5 }) =>
  perImage<ErasingDraw>('randomErasing', probability, {
    draw: (key, { height, width, channels }) => {
      for (let attempt = 0; attempt < 10; attempt++) {
        const pixels = height * width * (area[0] + uniformAt(key, 4 * attempt) * (area[1] - area[0]));
        const tall = Math.exp(Math.log(ratio[0]) + uniformAt(key, 4 * attempt + 1) * Math.log(ratio[1] / ratio[0]));
        const [h, w] = [Math.round(Math.sqrt(pixels * tall)), Math.round(Math.sqrt(pixels / tall))];
        if (h < 1 || w < 1 || h >= height || w >= width) continue;
        const [top, left] = [integerAt(key, 4 * attempt + 2, height - h + 1), integerAt(key, 4 * attempt + 3, width - w + 1)];
        return { box: { top, left, bottom: top + h, right: left + w }, ...(fill === 'noise' ? { noise: uniforms(fold(key, 'noise'), h * w * channels) } : {}) };
      }
      return { box: { top: 0, left: 0, bottom: 0, right: 0 } };
    },
    paint: ({ values }, to, { box, noise }) => {
      const white = whiteOf(values);
      to.values.set(values);
      if (!noise) return fillBox(to, box, (fill as number) * white);
      const half = white === 255 ? 0.5 : 0;
      for (let y = box.top, k = 0; y < box.bottom; y++) {
        for (let i = (y * to.width + box.left) * to.channels, end = (y * to.width + box.right) * to.channels; i < end; i++) to.values[i] = noise[k++] * white + half;
      }
    },
    masks: 'stays',
  }));
