import { momentum } from '@gradstream/optimizers';
import type { Path } from './place.ts';
import { cellAt, plane, stabilityBowl, stabilitySteps } from './plane.ts';
import { descend } from './race.model.ts';

/** Momentum on the bowl from (1, 1), in float64, with the rule that trains networks. */
export const trajectory = (rate: number, beta: number): Path => descend(momentum({ learningRate: rate, momentum: beta }), stabilityBowl, [1, 1], stabilitySteps);

/**
 * By what the distance from the minimum is multiplied in a step, over the second half of a path: below 1 it converges.
 * Infinity where the path left all bounds.
 */
export function ratePerStep({ places }: Pick<Path, 'places'>): number {
  const last = places.length / 2 - 1;
  const half = last >> 1;
  // The furthest of a few steps, since a path that oscillates comes by the minimum on its way.
  const distance = (end: number) => Math.max(...Array.from({ length: Math.min(20, half) }, (_, i) => Math.hypot(places[2 * (end - i)], places[2 * (end - i) + 1])));
  const rate = (distance(last) / distance(half)) ** (1 / (last - half));
  return Number.isNaN(rate) ? Infinity : rate;
}

/** The measured rates of the cells that share a learning rate, by momentum. */
export const measureRow = (row: number): readonly number[] => Array.from({ length: plane.columns }, (_, column) => {
  const { rate, beta } = cellAt(column, row);
  return ratePerStep(trajectory(rate, beta));
});
