import { factory, unitClosed } from '@gradstream/numerics';
import { perImage, type Augmentation, type Image, type ImageDraws } from '@gradstream/augment';

/** Turns images upside down by half a turn, with a probability (default 0.5): a change that breaks the labels of digits. */
export const halfTurn = factory<{ readonly probability?: number }, Augmentation<ImageDraws<true>, 'same'>>('halfTurn', { probability: unitClosed }, ({ probability = 0.5 }) => {
  const paint = ({ values, channels }: Image, to: Image): void => {
    const pixels = values.length / channels;
    for (let p = 0; p < pixels; p++) for (let c = 0; c < channels; c++) to.values[p * channels + c] = values[(pixels - 1 - p) * channels + c];
  };
  return perImage<true>('halfTurn', probability, { draw: () => true, paint, masks: paint });
});
