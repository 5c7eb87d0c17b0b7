import { type CurveBand, isBeside, type Panel, type XAxis } from '@gradstream/charts';
import type { CurveSource } from './lines.model.ts';

/** How far validation is from train in a measure. */
export interface Gap {
  readonly band: CurveBand;
  /** Positive where validation is the worse one. */
  readonly value: number;
  /** Where on the x axis validation was last measured. */
  readonly at: number;
}

const lessIsBetter = /loss|error|perplexity|mse|mae/i;
const color = 5;

/**
 * The generalization gap of a measure that train and validation share: validation less train where less is better, else
 * train less validation. Train counts as its running mean where there is one, since a single batch says little.
 *
 * @param until the playhead: what was measured behind it is left out
 */
export function gapOf({ id, measure, metrics }: Panel, curves: CurveSource, axis: XAxis, until = Infinity): Gap | undefined {
  const of = (split: 'train' | 'validation', beside: boolean) => metrics.find((metric) => metric.split === split && isBeside(metric) === beside && curves.names.includes(metric.name));
  const train = of('train', true) ?? of('train', false);
  const validation = of('validation', false);
  if (!train || !validation) return undefined;
  const [seen, held] = [curves.curve(train.name, axis), curves.curve(validation.name, axis)];
  const last = held.indexAfter(until) - 1;
  if (last < 0 || seen.length === 0) return undefined;
  const at = held.x[last];
  const difference = held.y[last] - seen.y[seen.nearest(at)];
  return { band: { id: `gap ${id}`, low: seen, high: held, color }, value: lessIsBetter.test(measure) ? difference : -difference, at };
}
