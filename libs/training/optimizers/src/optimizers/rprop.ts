/**
 * Rprop: Riedmiller and Braun 1993, "A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm",
 * https://doi.org/10.1109/ICNN.1993.298623, in the variant without weight-backtracking (iRprop−, Igel and Hüsken 2000).
 *
 *   g·gₒ > 0:  s ← min(grow·s, maxStep)        g·gₒ < 0:  s ← max(shrink·s, minStep), g ← 0
 *   p ← p − s · sign(g)        gₒ ← g
 *
 * Each weight has a step of its own; only signs of gradients count. For whole data sets: the signs of batches disagree by chance.
 *
 * @torch the same (`lr` is the first step)
 * @keras not there
 * @tfjs not there
 */
import { factory, gt, max, min, mul, neg, positive, sign, unitOpen, where } from '@gradstream/numerics';
import { chain, elementwise, link, type Chain } from '../transformation.ts';
import { moreThanOne } from '../rules.ts';

export interface RpropOptions {
  /** First step of every weight, above 0. Default 0.01. */
  readonly initialStep?: number;
  /** Factor where the sign changes, in (0, 1). Default 0.5. */
  readonly shrink?: number;
  /** Factor where it stays, above 1. Default 1.2. */
  readonly grow?: number;
  /** Smallest step, above 0. Default 1e-6. */
  readonly minStep?: number;
  /** Largest step, above 0. Default 50. */
  readonly maxStep?: number;
}

const rules = { initialStep: positive, shrink: unitOpen, grow: moreThanOne, minStep: positive, maxStep: positive };

/** Replaces gradients by Rprop's steps, to be added to the params. */
export const scaleByRprop = link<RpropOptions>('scaleByRprop', rules, ({ initialStep = 0.01, shrink = 0.5, grow = 1.2, minStep = 1e-6, maxStep = 50 }) =>
  elementwise('scaleByRprop', {
    hyper: { shrink, grow, minStep, maxStep },
    slots: { last: 0, s: initialStep },
    update: ({ g, shrink, grow, minStep, maxStep, ...old }) => {
      const agreement = mul(g, old.last);
      const factor = where(gt(agreement, 0), grow, where(gt(0, agreement), shrink, 1));
      const s = max(minStep, min(maxStep, mul(old.s, factor)));
      const last = where(gt(0, agreement), 0, g);
      return { g: neg(mul(s, sign(last))), last, s };
    },
  }));

/** Rprop. It has no learning rate: `initialStep` is where its steps start. */
export const rprop = factory<RpropOptions, Chain>('rprop', rules, (options) => chain(scaleByRprop(options)));
