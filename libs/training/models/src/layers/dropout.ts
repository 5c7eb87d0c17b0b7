/**
 * Dropout: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, section 4.
 *
 *   training: y = x · m / (1 − rate), m = 0 with probability rate, else 1         evaluation: y = x
 *
 * Scaled in training (inverted dropout) where the paper scales the weights at test time. Units are dropped, each
 * activation of each example by itself; dropping weights is DropConnect.
 */
import * as tf from '@tensorflow/tfjs-core';
import { unitClosed } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { keepMask } from '../masks.ts';

export interface DropoutOptions {
  /** Share of units dropped, in [0, 1]; at 1 everything is zero. */
  readonly rate: number;
}

export const dropout = defineLayer<DropoutOptions>({
  kind: 'dropout',
  options: { rate: unitClosed },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training && rate > 0 ? tf.mul(x, keepMask(key, x.shape, rate)) : x),
});
