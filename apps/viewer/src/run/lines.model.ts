import { type CurveLine, isBeside, type Panel, splitStyle, type XAxis } from '@gradstream/charts';
import type { RunCurves } from './run-curves.ts';

/** A run as a chart needs it. */
export interface ChartedRun {
  readonly id: string;
  readonly name: string;
  readonly curves: RunCurves;
  /** Place in the palette; by default that in the list. */
  readonly color?: number;
}

const splitColor = { train: 0, validation: 1, test: 2 } as const;

/**
 * The lines of a panel. Of one run, splits have colours; of several, each run has a colour and splits have dashes,
 * and the finer companions of a measure are left out.
 */
export function linesOf({ metrics }: Panel, runs: readonly ChartedRun[], axis: XAxis): readonly CurveLine[] {
  const alone = runs.length === 1;
  return runs.flatMap(({ id, name, curves, color }, i) => metrics
    .filter((metric) => curves.names.includes(metric.name) && (alone || !isBeside(metric)))
    .map((metric): CurveLine => {
      const split = metric.split && metrics.length > 1 ? metric.split : undefined;
      const own = isBeside(metric) ? metric.measure : (split ?? metric.measure);
      return {
        id: `${id} ${metric.name}`,
        label: alone ? own : split ? `${name} · ${split}` : name,
        curve: curves.curve(metric.name, axis),
        color: alone ? (metric.split ? splitColor[metric.split] : (color ?? 0)) : (color ?? i),
        dash: split && !isBeside(metric) ? splitStyle[split].dash : [],
        mark: split ? splitStyle[split].mark : 'none',
        beside: isBeside(metric),
      };
    }));
}
