/**
 * An exponential moving average of the weights, beside them: Polyak and Juditsky 1992 with a decay, as in Tarvainen and Valpola 2017,
 * "Mean teachers are better role models", https://arxiv.org/abs/1703.01780. The average is what `evaluationParams` gives.
 *
 *   a ← d·a + (1 − d)·p
 *
 * `start: 'copy'` (torch): the first update copies p. `start: 'params'`: a starts as the params before the first update.
 * `start: 'zero'` (optax): a starts at 0 and is divided by 1 − dᵗ. With `warmup` d = min(decay, (1 + t)/(10 + t)), t updates done before.
 * Stands last in a chain. Running statistics are not averaged: recompute or keep the trained ones.
 */
import { add, boolean, div, eq, hyper, min, mul, oneOf, pow, sub, unitHalfOpen, where, type Hyper } from '@gradstream/numerics';
import { elementwise, link } from '../transformation.ts';

export interface AverageByEmaOptions {
  /** What stays, in [0, 1). Default 0.999. */
  readonly decay?: Hyper;
  /** How the average begins. Default 'copy'. */
  readonly start?: 'copy' | 'params' | 'zero';
  /** Smaller decays at first. Default false. */
  readonly warmup?: boolean;
}

export const averageByEma = link<AverageByEmaOptions>('averageByEma', { decay: hyper(unitHalfOpen), start: oneOf('copy', 'params', 'zero'), warmup: boolean }, ({ decay = 0.999, start = 'copy', warmup = false }) =>
  elementwise('averageByEma', {
    hyper: { decay },
    slots: { average: start === 'zero' ? 0 : 'params' },
    update: ({ g, p, t, decay, ...old }) => {
      const done = sub(t, 1);
      const warm = warmup ? min(decay, div(add(1, done), add(10, done))) : decay;
      const d = start === 'copy' ? where(eq(t, 1), 0, warm) : warm;
      return { g, average: add(mul(d, old.average), mul(sub(1, d), add(p, g))) };
    },
    evaluation: ({ average, t, decay }) => (start === 'zero' ? div(average, sub(1, pow(decay, t))) : average),
  }));
