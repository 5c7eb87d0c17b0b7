import * as tf from '@tensorflow/tfjs-core';
import type { OptionTable } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { extent, imageShape, padding, pair, samePadding, windowed, type Extent, type Padding } from '../images.ts';

export interface PoolOptions {
  /** Height and width of the window. Default 2. */
  readonly size?: Extent;
  /** Default `size`: windows side by side. */
  readonly stride?: Extent;
  /** Default `valid`. */
  readonly padding?: Padding;
}

const options: OptionTable<PoolOptions> = { size: extent, stride: extent, padding };
const defaults = ({ size = 2 }: PoolOptions) => ({ size, stride: size, padding: 'valid' }) as const;

const outputShape = ({ size, stride, padding }: Required<PoolOptions>, inputShape: readonly number[]) => [
  ...windowed(inputShape, size, stride, padding),
  imageShape(inputShape)[2],
];

/** The largest value of each window, channel by channel. */
export const maxPool = defineLayer<PoolOptions>({
  kind: 'maxPool',
  prefix: 'pool',
  options,
  defaults,
  outputShape,
  params: () => [],
  apply: ({ size, stride, padding }, x) => tf.maxPool(x as tf.Tensor4D, pair(size), pair(stride), padding),
});

/** The mean of each window, channel by channel; padded places do not count. */
export const averagePool = defineLayer<PoolOptions>({
  kind: 'averagePool',
  prefix: 'pool',
  options,
  defaults,
  outputShape,
  params: () => [],
  apply: ({ size, stride, padding }, x) => {
    const pool = (images: tf.Tensor4D) => tf.avgPool(images, pair(size), pair(stride), 'valid');
    if (padding === 'valid') return pool(x as tf.Tensor4D);
    // tfjs's own gradient of 'same' divides by the whole window where its forward pass counts real places only.
    const padded = (images: tf.Tensor4D) => tf.pad(images, samePadding(images.shape, size, stride));
    const [, height, width] = x.shape;
    return tf.div(pool(padded(x as tf.Tensor4D)), pool(padded(tf.ones([1, height, width, 1]))));
  },
});

/** The mean over all places, leaving [channels]: of an image [height, width, channels] or a sequence [positions, channels]. */
export const globalAveragePool = defineLayer<object>({
  kind: 'globalAveragePool',
  prefix: 'pool',
  options: {},
  defaults: {},
  outputShape: (_, inputShape) => (inputShape.length === 2 ? [inputShape[1]] : [imageShape(inputShape)[2]]),
  params: () => [],
  apply: (_, x) => tf.mean(x, x.rank === 3 ? [1] : [1, 2]),
});
