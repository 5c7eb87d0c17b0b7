/**
 * Gradient accumulation: one update from the mean gradient of `every` batches. The mean is weighted by the sizes of the batches where they
 * are known, so that a short last batch counts as what it is. Schedules and bias corrections inside count updates, not batches.
 */
import { add, constant, div, element, mul, positiveInteger, uniform } from '@gradstream/numerics';
import { aTransformation, link, wrapper, type Transformation, type Wrapper } from '../transformation.ts';

export interface AccumulateOptions {
  /** What gets the mean gradient. */
  readonly inner: Transformation;
  /** Batches for one update. */
  readonly every: number;
}

const weighted = add(element('total'), mul(uniform('size'), element('g')));
const mean = div(element('total'), uniform('size'));
const none = constant(0);

/** Runs the inner optimizer once in `every` steps, on the mean of their gradients. */
export const accumulate = link<AccumulateOptions, Wrapper>('accumulate', { inner: aTransformation, every: positiveInteger }, ({ inner, every }) =>
  wrapper('accumulate', {
    inner,
    hyper: {},
    slots: ['total'],
    counts: ['batches', 'examples', 'updates'],
    update: ({ ops, updates, size = 1, slots, counts, inner: run }) => {
      const examples = counts.get('examples') + size;
      for (const [name, g] of updates) slots.set('total', name, ops.map(weighted, { total: slots.get('total', name), g }, { size }));
      if (counts.get('batches') + 1 < every) {
        counts.set('batches', counts.get('batches') + 1);
        counts.set('examples', examples);
        return new Map();
      }
      const means = new Map([...updates.keys()].map((name) => [name, ops.map(mean, { total: slots.get('total', name) }, { size: examples })]));
      const next = run(means, counts.get('updates'));
      for (const name of updates.keys()) slots.set('total', name, ops.map(none, { total: slots.get('total', name) }));
      counts.set('batches', 0);
      counts.set('examples', 0);
      counts.set('updates', counts.get('updates') + 1);
      return next;
    },
  }), ['inner', 'every']);
