import { type CurveBand, type CurveLine, isBeside, type Panel, splitStyle, type XAxis } from '@gradstream/charts';
import { GroupCurves } from './group-curves.ts';
import type { RunCurves } from './run-curves.ts';

/** Where charts read the curves of a run, or of several taken together. */
export type CurveSource = Pick<RunCurves, 'names' | 'curve' | 'listen' | 'points' | 'lastStep'>;

/** A run, or a group of runs, as a chart needs it. */
export interface ChartedRun {
  readonly id: string;
  readonly name: string;
  readonly curves: CurveSource;
  /** Place in the palette; by default that in the list. */
  readonly color?: number;
  /** How its lines are dashed where no split says otherwise. */
  readonly dash?: readonly number[];
}

/**
 * The value of a panel that has only ever shown one (a hyper-parameter nobody touched); undefined where there is a curve
 * to see. What is measured on a split always gets its panel, and so does the learning rate: everybody looks for it.
 */
export function constantOf({ measure, metrics }: Panel, runs: readonly ChartedRun[]): number | undefined {
  if (measure === 'learningRate' || metrics.some(({ split }) => split)) return undefined;
  const values = new Set<number>();
  for (const { curves } of runs) {
    for (const { name } of metrics) {
      if (!curves.names.includes(name)) continue;
      const { min, max, flags, points } = curves.curve(name).summary();
      // A publisher sends a constant once: one point is a constant as soon as the run has gone on past it.
      if (!(points[0] > 1 || (points[0] === 1 && curves.lastStep > 0)) || flags[0] !== 0 || min[0] !== max[0]) return undefined;
      values.add(min[0]);
    }
  }
  return values.size === 1 ? [...values][0] : undefined;
}

/** Names for runs that are looked at together: those that share one get the end of their id. */
export function distinctNames(runs: readonly { readonly id: string; readonly name: string }[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name } of runs) counts.set(name, (counts.get(name) ?? 0) + 1);
  return runs.map(({ id, name }) => (counts.get(name)! > 1 ? `${name} ${id.slice(-4)}` : name));
}

const splitColor = { train: 0, validation: 1, test: 2 } as const;

/**
 * The lines of a panel. Of one run, splits have colours; of several, each run has a colour and splits have dashes,
 * and the finer companions of a measure are left out.
 */
export function linesOf({ metrics }: Panel, runs: readonly ChartedRun[], axis: XAxis): readonly CurveLine[] {
  const alone = runs.length === 1 && !(runs[0].curves instanceof GroupCurves);
  return runs.flatMap(({ id, name, curves, color, dash }, i) => metrics
    .filter((metric) => curves.names.includes(metric.name) && (alone || !isBeside(metric)))
    .map((metric): CurveLine => {
      const split = metric.split && metrics.length > 1 ? metric.split : undefined;
      const own = isBeside(metric) ? metric.measure : (split ?? metric.measure);
      return {
        id: `${id} ${metric.name}`,
        label: alone ? own : split ? `${name} · ${split}` : name,
        curve: curves.curve(metric.name, axis),
        color: alone ? (metric.split ? splitColor[metric.split] : (color ?? 0)) : (color ?? i),
        dash: split && !isBeside(metric) ? splitStyle[split].dash : (dash ?? []),
        mark: split ? splitStyle[split].mark : 'none',
        beside: isBeside(metric),
      };
    }));
}

/** The areas of a panel: how far the members of each group lie apart. */
export function bandsOf({ metrics }: Panel, runs: readonly ChartedRun[], axis: XAxis): readonly CurveBand[] {
  return runs.flatMap(({ id, curves, color }, i) => (curves instanceof GroupCurves && curves.members.length > 1
    ? metrics.filter((metric) => curves.names.includes(metric.name) && !isBeside(metric)).map((metric): CurveBand => ({ id: `${id} ${metric.name}`, ...curves.spread(metric.name, axis), color: color ?? i }))
    : []));
}
