import { paired, summary, type Recipe, type Report } from '@gradstream/diagnostics/verdicts';
import type { RunInfo } from '@gradstream/protocol';
import type { PointRows } from '../server/source.ts';

/** What each arm measured with each seed: `measures.get('testError/dropout').get(3)`. */
export type Measures = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** The newest run that holds the verdict of a recipe; undefined where the recipe was not run against this server. */
export const verdictRunOf = (runs: readonly RunInfo[], recipe: string): RunInfo | undefined =>
  runs.filter(({ tags }) => tags['recipe'] === recipe && tags['part'] === 'verdict').sort((a, b) => b.created - a.created)[0];

/** The runs that were trained for it. */
export const trainedRunsOf = (runs: readonly RunInfo[], group: string): readonly RunInfo[] => runs.filter(({ tags }) => tags['group'] === group && tags['part'] === undefined);

/** Measures with some points more; a seed that comes again takes the place of the older value. */
export function withPoints(measures: Measures, { step, columns }: PointRows): Measures {
  const next = new Map(measures);
  for (const { metric, values, at } of columns) {
    const bySeed = new Map(next.get(metric));
    values.forEach((value, i) => bySeed.set(step[at?.[i] ?? i], value));
    next.set(metric, bySeed);
  }
  return next;
}

/** One arm's row of a forest plot. */
export interface ForestRow {
  readonly arm: string;
  readonly mean: number;
  /** 95 % interval of a paired mean; the smallest and the largest value where arms are not compared. Infinite for a single pair. */
  readonly low: number;
  readonly high: number;
  /** One value for each seed. */
  readonly values: readonly number[];
  /** What the recipe accepts, ends that are open left out. */
  readonly band?: readonly [low: number | null, high: number | null];
}

/** One measure of a recipe, arm by arm. */
export interface Forest {
  readonly metric: string;
  /** The arm that the others are compared with; absent where values stand for themselves. */
  readonly minus?: string;
  readonly rows: readonly ForestRow[];
  /** What of the axis is shown. */
  readonly domain: readonly [from: number, to: number];
}

/** The measures that a recipe's acceptance looks at, as far as they have come. */
export function forestsOf(recipe: Pick<Recipe, 'arms' | 'accept' | 'base'>, measures: Measures): readonly Forest[] {
  const metrics = [...new Set(recipe.accept.map(({ metric }) => metric))];
  return metrics.flatMap((metric): Forest[] => {
    const compared = recipe.accept.find((rule) => rule.metric === metric && 'minus' in rule);
    const minus = compared && 'minus' in compared ? compared.minus : undefined;
    const rows = Object.keys(recipe.arms).filter((arm) => arm !== minus).flatMap((arm): ForestRow[] => {
      const own = measures.get(`${metric}/${arm}`);
      const base = minus === undefined ? undefined : measures.get(`${metric}/${minus}`);
      const seeds = [...(own?.keys() ?? [])].filter((seed) => minus === undefined || base?.has(seed)).sort((a, b) => a - b);
      if (seeds.length === 0) return [];
      const values = seeds.map((seed) => own!.get(seed)!);
      const band = bandOf(recipe, metric, arm, minus);
      if (minus === undefined) return [{ arm, mean: summary(values).mean, low: Math.min(...values), high: Math.max(...values), values, ...(band ? { band } : {}) }];
      const { mean, interval: [low, high], values: differences } = paired(values, seeds.map((seed) => base!.get(seed)!));
      return [{ arm, mean, low, high, values: differences, ...(band ? { band } : {}) }];
    });
    return rows.length === 0 ? [] : [{ metric, ...(minus === undefined ? {} : { minus }), rows, domain: domainOf(rows, minus !== undefined) }];
  });
}

function bandOf({ accept }: Pick<Recipe, 'accept'>, metric: string, arm: string, minus: string | undefined): ForestRow['band'] {
  for (const rule of accept) {
    if (rule.metric !== metric || !('within' in rule) || 'over' in rule) continue;
    if (('minus' in rule ? rule.minus : undefined) !== minus) continue;
    if (rule.arm === arm || rule.arms === 'all' || (rule.arms as readonly string[] | undefined)?.includes(arm) || (rule.arm === undefined && rule.arms === undefined)) return rule.within;
  }
  return undefined;
}

/** From the least to the greatest finite number that is drawn, 0 included where differences are drawn. */
function domainOf(rows: readonly ForestRow[], differences: boolean): readonly [number, number] {
  const all = [...rows.flatMap(({ values, low, high, band = [] }) => [...values, low, high, ...band]), ...(differences ? [0] : [])].filter((x): x is number => typeof x === 'number' && Number.isFinite(x));
  const [least, greatest] = [Math.min(...all), Math.max(...all)];
  const air = (greatest - least || Math.abs(greatest) || 1) * 0.05;
  return [least - air, greatest + air];
}

/** What a run's document says of it: the recipe, and the report once there is one. */
export function documentsOf(spec: RunInfo['spec']): { readonly recipe?: Recipe; readonly report?: Report } {
  return { recipe: spec?.['recipe'] as Recipe | undefined, report: spec?.['report'] as Report | undefined };
}
