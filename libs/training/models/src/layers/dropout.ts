/**
 * Dropout: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, section 4.
 *
 *   training: y = x · m / (1 − rate), m = 0 with probability rate, else 1         evaluation: y = x
 *
 * Scaled in training (inverted dropout) where the paper scales the weights at test time. Units are dropped, each
 * activation of each example by itself; dropping weights is DropConnect.
 */
import { unitClosed, type OptionTable } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { dropRandomly } from '../masks.ts';

export interface DropoutOptions {
  /** Share dropped, in [0, 1]; at 1 everything is zero. */
  readonly rate: number;
}

export const dropoutOptions: OptionTable<DropoutOptions> = { rate: unitClosed };

/** Drops single units. */
export const dropout = defineLayer<DropoutOptions>({
  kind: 'dropout',
  options: dropoutOptions,
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training ? dropRandomly(x, key, x.shape, rate) : x),
});

/**
 * Drops whole channels of an example (Tompson et al. 2015, https://arxiv.org/abs/1411.4280, section 3.2): neighbouring
 * pixels are too alike for dropping single ones to matter.
 */
export const spatialDropout = defineLayer<DropoutOptions>({
  kind: 'spatialDropout',
  options: dropoutOptions,
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate }, x, _, { training, key }) => (training ? dropRandomly(x, key, x.shape.map((extent, axis) => (axis === 0 || axis === x.rank - 1 ? extent : 1)), rate) : x),
});
