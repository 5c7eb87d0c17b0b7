/**
 * Stochastic weight averaging: Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization", Algorithm 1,
 * https://arxiv.org/abs/1803.05407
 *
 *   from update `after` on, every `every` updates: a ← a + (p − a)/(n + 1), n ← n + 1
 *
 * The average is what `evaluationParams` gives (the trained weights until it has begun). The learning rate is nobody's but yours.
 * Batch-norm statistics belong to the trained weights: recompute them for the average before evaluating.
 */
import { add, div, eq, ge, mod, mul, positiveInteger, sub, wholeNumber, where } from '@gradstream/numerics';
import { elementwise, link } from '../transformation.ts';

export interface AverageBySwaOptions {
  /** Updates before the first weights enter. Default 0. */
  readonly after?: number;
  /** Updates from one to the next. Default 1. */
  readonly every?: number;
}

export const averageBySwa = link<AverageBySwaOptions>('averageBySwa', { after: wholeNumber, every: positiveInteger }, ({ after = 0, every = 1 }) =>
  elementwise('averageBySwa', {
    hyper: {},
    slots: { average: 0 },
    scalars: { n: 0 },
    update: ({ g, p, t, ...old }) => {
      const since = sub(t, after + 1);
      const due = where(ge(since, 0), where(eq(mod(since, every), 0), 1, 0), 0);
      const n = add(old.n, due);
      const weight = where(eq(due, 1), div(1, n), 0);
      return { g, average: add(old.average, mul(weight, sub(add(p, g), old.average))), n };
    },
    evaluation: ({ p, average, n }) => where(eq(n, 0), p, average),
  }));
