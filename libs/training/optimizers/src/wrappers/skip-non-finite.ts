/**
 * Leaves an update out where any gradient is NaN or infinite: params, state and counts of the inner optimizer stay as they were.
 * How many were left out is reported beside the hyper-parameters, as `skippedUpdates`. Waits for one number per step.
 */
import { element, isFinite, where } from '@gradstream/numerics';
import { aTransformation, link, wrapper, type Transformation, type Wrapper } from '../transformation.ts';

export interface SkipNonFiniteOptions {
  /** What gets the finite gradients. */
  readonly inner: Transformation;
}

const bad = where(isFinite(element('g')), 0, 1);

/** Runs the inner optimizer only on gradients that are finite everywhere. */
export const skipNonFinite = link<SkipNonFiniteOptions, Wrapper>('skipNonFinite', { inner: aTransformation }, ({ inner }) =>
  wrapper('skipNonFinite', {
    inner,
    hyper: {},
    slots: [],
    counts: ['skippedUpdates'],
    reports: ['skippedUpdates'],
    update: ({ ops, step, updates, counts, inner: run }) => {
      for (const g of updates.values()) {
        if (ops.read(ops.sumAll(ops.map(bad, { g }))) > 0) {
          counts.set('skippedUpdates', counts.get('skippedUpdates') + 1);
          return new Map();
        }
      }
      return run(updates, step);
    },
  }), ['inner']);
