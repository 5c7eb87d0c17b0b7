/**
 * Clipping by the root mean square of each tensor: Shazeer and Stern 2018, "Adafactor", section 6, https://arxiv.org/abs/1804.04235
 *
 *   g ← g / max(1, RMS(g)/maxRms)
 */
import { div, hyper, max, positive, sizeOf, sqrt, square, sum, type Hyper } from '@gradstream/numerics';
import { positional } from '../positional.ts';
import { elementwise, link } from '../transformation.ts';

export interface ClipByRmsOptions {
  /** Largest root mean square that passes, above 0. */
  readonly maxRms: Hyper;
}

export const clipByRms = positional('maxRms', link<ClipByRmsOptions>('clipByRms', { maxRms: hyper(positive) }, ({ maxRms }) =>
  elementwise('clipByRms', {
    hyper: { maxRms },
    constants: { size: ({ shape }) => sizeOf(shape) },
    update: ({ g, maxRms, size }) => ({ g: div(g, max(1, div(sqrt(div(sum(square(g), 'tensor'), size)), maxRms))) }),
  }), ['maxRms']));
