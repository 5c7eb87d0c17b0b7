/** Clipping of each number by itself: g ← max(−limit, min(limit, g)). Changes the direction. */
import { clamp, hyper, neg, positive, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface ClipByValueOptions {
  /** Largest absolute value that passes, above 0. */
  readonly limit: Hyper;
}

export const clipByValue = positional('limit', link<ClipByValueOptions>('clipByValue', { limit: hyper(positive) }, ({ limit }) =>
  elementwise('clipByValue', { hyper: { limit }, update: ({ g, limit }) => ({ g: clamp(g, neg(limit), limit) }) }), ['limit']));
