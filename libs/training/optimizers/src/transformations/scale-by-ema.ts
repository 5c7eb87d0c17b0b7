/** The exponential moving average of the updates: a ← decay·a + (1 − decay)·g, with or without Adam's bias correction. */
import { add, boolean, div, hyper, mul, pow, sub, unitHalfOpen, type Hyper } from '@gradstream/numerics';
import { elementwise, link } from '../transformation.ts';

export interface ScaleByEmaOptions {
  /** What stays, in [0, 1). Default 0.9. */
  readonly decay?: Hyper;
  /** Divides by 1 − decayᵗ. Default true. */
  readonly debias?: boolean;
}

export const scaleByEma = link<ScaleByEmaOptions>('scaleByEma', { decay: hyper(unitHalfOpen), debias: boolean }, ({ decay = 0.9, debias = true }) =>
  elementwise('scaleByEma', {
    hyper: { decay },
    slots: { a: 0 },
    update: ({ g, t, decay, ...old }) => {
      const a = add(mul(decay, old.a), mul(sub(1, decay), g));
      return { g: debias ? div(a, sub(1, pow(decay, t))) : a, a };
    },
  }));
