/**
 * Stochastic depth: Huang et al. 2016, https://arxiv.org/abs/1603.09382, section 3.
 *
 *   training: branch · m / (1 − rate), one m for each example (or for the batch)        evaluation: branch
 *
 * The last layer of a `residual`. Survivors are scaled in training (as torchvision does) where the paper scales the branch at test time.
 */
import { oneOf, unitClosed } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { dropRandomly } from '../masks.ts';

export interface StochasticDepthOptions {
  /** Share of branches dropped, in [0, 1]. */
  readonly rate: number;
  /** One decision for each example (`row`) or one for all (`batch`, the paper's). Default `row`. */
  readonly mode?: 'row' | 'batch';
}

/** Drops all that an example has so far. */
export const stochasticDepth = defineLayer<StochasticDepthOptions>({
  kind: 'stochasticDepth',
  options: { rate: unitClosed, mode: oneOf('row', 'batch') },
  defaults: { mode: 'row' },
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ rate, mode }, x, _, { training, key }) => (training ? dropRandomly(x, key, x.shape.map((extent, axis) => (axis === 0 && mode === 'row' ? extent : 1)), rate) : x),
});

/** The paper's linear decay: block l of L, from 1, drops with rate l / L · last (its equation 4). */
export const stochasticDepthRates = (blocks: number, last: number): number[] => Array.from({ length: blocks }, (_, i) => ((i + 1) / blocks) * last);
