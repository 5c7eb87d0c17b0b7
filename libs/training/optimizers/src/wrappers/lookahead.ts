/**
 * Lookahead: Zhang et al. 2019, "Lookahead Optimizer: k steps forward, 1 step back", Algorithm 1, https://arxiv.org/abs/1907.08610
 *
 *   every k updates: slow ← slow + alpha·(p − slow), p ← slow
 *
 * The trained params are the fast weights; right after a synchronisation they are the slow ones. The inner optimizer keeps its state.
 */
import { add, eq, factory, hyper, mod, mul, positiveInteger, sub, unitClosed, where, type Hyper } from '@gradstream/numerics';
import { aTransformation, chain, elementwise, link, type Chain, type Transformation } from '../transformation.ts';

export interface SynchronizeOptions {
  /** Updates from one synchronisation to the next. Default 5. */
  readonly k?: number;
  /** How far the slow weights go, in [0, 1]. Default 0.5. */
  readonly alpha?: Hyper;
}

const rules = { k: positiveInteger, alpha: hyper(unitClosed) };

/** The link behind an optimizer that makes it Lookahead. */
export const synchronizeSlowWeights = link<SynchronizeOptions>('synchronizeSlowWeights', rules, ({ k = 5, alpha = 0.5 }) =>
  elementwise('synchronizeSlowWeights', {
    hyper: { alpha },
    slots: { slow: 'params' },
    update: ({ g, p, t, alpha, ...old }) => {
      const due = eq(mod(t, k), 0);
      const slow = where(due, add(old.slow, mul(alpha, sub(add(p, g), old.slow))), old.slow);
      return { g: where(due, sub(slow, p), g), slow };
    },
  }));

export interface LookaheadOptions extends SynchronizeOptions {
  /** The optimizer of the fast weights. */
  readonly inner: Transformation;
}

/** Lookahead around another optimizer. */
export const lookahead = factory<LookaheadOptions, Chain>('lookahead', { ...rules, inner: aTransformation }, ({ inner, ...options }) => chain(inner, synchronizeSlowWeights(options)), ['inner']);
