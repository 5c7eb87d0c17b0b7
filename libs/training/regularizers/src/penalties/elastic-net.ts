/** Elastic net (Zou and Hastie 2005): l1 · Σ |w| + l2 / 2 · Σ w², or without the half in Keras' convention. */
import * as tf from '@tensorflow/tfjs-core';
import { factory, oneOf } from '@gradstream/numerics';
import { amount, type Amount } from '../amount.ts';
import type { Penalty } from '../regularizer.ts';
import { selection, type Selection } from '../selection.ts';
import { absolute } from './l1.ts';
import { squares } from './l2.ts';
import { summed } from './penalty.ts';

export interface ElasticNetOptions {
  /** Strength of Σ |w|. */
  readonly l1: Amount;
  /** Strength of the squares. */
  readonly l2: Amount;
  /** Which factor the squares have, as in `l2`. Default `torch`. */
  readonly convention?: 'torch' | 'keras';
  /** Params it sees. Default `kernels`. */
  readonly on?: Selection;
}

/** Both penalties on the same params. */
export const elasticNet = factory<ElasticNetOptions, Penalty>(
  'elasticNet',
  { l1: amount, l2: amount, convention: oneOf('torch', 'keras'), on: selection },
  ({ l1, l2, convention = 'torch', on }) => {
    const first = summed('elasticNet', on, (w) => tf.sum(absolute(w)), l1, 'l1');
    const second = summed('elasticNet', on, (w) => squares(w, convention), l2, 'l2');
    const value: Penalty['value'] = (params, step) => tf.tidy(() => tf.add(first.value(params, step), second.value(params, step)));
    const changing = [first, second].filter((each) => each.hyperAt);
    if (changing.length === 0) return { ...first, value };
    return {
      ...first,
      value,
      open: () => changing.forEach((each) => each.open?.()),
      close: () => changing.forEach((each) => each.close?.()),
      hyperAt: (step) => Object.assign({}, ...changing.map((each) => each.hyperAt!(step))) as Record<string, number>,
    };
  },
  ['l1', 'l2'],
);
