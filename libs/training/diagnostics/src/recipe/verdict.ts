import { subjects, type Band, type Recipe, type Rule } from './recipe.ts';
import { paired, summary, type Paired, type Summary } from './statistics.ts';
import type { Measured } from './study.ts';

export type Verdict = 'reproduced' | 'not reproduced' | 'inconclusive';

/** What every arm measured, seed by seed in the order of the seeds. */
export type Results = Readonly<Record<string, readonly Measured[]>>;

/** A rule that does not hold for one arm. */
export interface Failure {
  /** What was expected and what came, as a sentence. */
  readonly says: string;
  /** Whether more seeds might still decide it: a paired mean whose interval contains the edge it violates, or a count of signs that the seeds not run yet could make up. */
  readonly open: boolean;
}

/** Measures over the seeds. */
export type Summaries = Readonly<Record<string, Readonly<Record<string, Summary>>>>;

export function summarize(results: Results): Summaries {
  return Object.fromEntries(Object.entries(results).map(([arm, cells]) => [arm, Object.fromEntries(Object.keys(cells[0] ?? {}).map((metric) => [metric, summary(cells.map((cell) => cell[metric]))]))]));
}

/** Differences of every arm from the base, seed by seed. */
export function pairedWith(base: string, results: Results): Readonly<Record<string, Readonly<Record<string, Paired>>>> {
  const others = Object.entries(results).filter(([arm]) => arm !== base);
  return Object.fromEntries(others.map(([arm, cells]) => [arm, Object.fromEntries(Object.keys(cells[0] ?? {}).filter((metric) => metric in (results[base][0] ?? {})).map((metric) => [metric, differences(results, metric, arm, base)]))]));
}

/** All inside: reproduced. Else inconclusive where more seeds might decide each failure; else not reproduced. */
export function judge(recipe: Recipe, results: Results): { readonly verdict: Verdict; readonly failed: readonly Failure[] } {
  const failed = recipe.accept.flatMap((each) => failures(each, recipe, results));
  return { verdict: failed.length === 0 ? 'reproduced' : failed.every(({ open }) => open) ? 'inconclusive' : 'not reproduced', failed };
}

const valuesOf = (results: Results, metric: string, arm: string): number[] => results[arm].map((cell) => cell[metric] ?? NaN);
const meanOf = (results: Results, metric: string, arm: string): number => summary(valuesOf(results, metric, arm)).mean;
const differences = (results: Results, metric: string, arm: string, base: string): Paired => paired(valuesOf(results, metric, arm), valuesOf(results, metric, base));

/** NaN lies in no band. */
const inside = (value: number, [low, high]: Band): boolean => value >= (low ?? -Infinity) && value <= (high ?? Infinity);
const shownBand = ([low, high]: Band): string => (low === null ? `at most ${high}` : high === null ? `at least ${low}` : `in [${low}, ${high}]`);
const brief = (value: number): string => (Number.isFinite(value) && value !== 0 ? String(Number(value.toPrecision(4))) : String(value));

function failures(each: Rule, recipe: Recipe, results: Results): Failure[] {
  const { metric } = each;
  const closed = (says: string): Failure[] => [{ says: each.why ? `${says} (${each.why})` : says, open: false }];
  if ('increasing' in each || 'decreasing' in each) {
    const [arms, word] = 'increasing' in each ? [each.increasing, 'rise'] : [each.decreasing, 'fall'];
    const means = arms.map((arm) => meanOf(results, metric, arm));
    const strictly = means.every((value, i) => i === 0 || (word === 'rise' ? value > means[i - 1] : value < means[i - 1]));
    return strictly ? [] : closed(`${metric} must ${word} along ${arms.join(', ')}, and is ${means.map(brief).join(', ')}`);
  }
  if ('lowest' in each) {
    const at = (arm: string): number => meanOf(results, metric, arm);
    const best = each.among.reduce((a, b) => (at(b) < at(a) ? b : a));
    return each.lowest.includes(best) ? [] : closed(`${metric} must be lowest at ${each.lowest.join(' or ')}, and is at ${best} (${brief(at(best))})`);
  }
  return subjects(each, recipe).flatMap((arm): Failure[] => {
    if ('minus' in each) return pairedFailures(each, arm, differences(results, metric, arm, each.minus), recipe.seeds.length);
    if ('over' in each) {
      const ratio = meanOf(results, metric, arm) / meanOf(results, metric, each.over);
      return inside(ratio, each.within) ? [] : closed(`${arm}: ${metric} must be ${shownBand(each.within)} times that of ${each.over}, and is ${brief(ratio)} times`);
    }
    const values = valuesOf(results, metric, arm);
    if ('each' in each) {
      const count = values.filter((value) => inside(value, each.each)).length;
      const wanted = each.count ?? values.length;
      return count >= wanted ? [] : closed(`${arm}: ${metric} must be ${shownBand(each.each)} for ${wanted} of ${values.length} seeds, and is for ${count}: ${values.map(brief).join(', ')}`);
    }
    const { mean } = summary(values);
    if ('equals' in each) {
      const law = meanOf(results, each.equals, arm);
      const tolerance = Math.max(each.absolute ?? 0, Math.abs(law) * (each.relative ?? 0));
      return Math.abs(mean - law) <= tolerance ? [] : closed(`${arm}: ${metric} must be ${each.equals} = ${brief(law)} within ${brief(tolerance)}, and is ${brief(mean)}`);
    }
    return inside(mean, each.within) ? [] : closed(`${arm}: ${metric} must be ${shownBand(each.within)}, and is ${brief(mean)}`);
  });
}

/** The paired mean, and the share of seeds with the sign that the band expects. */
function pairedFailures(each: Extract<Rule, { minus: string }>, arm: string, difference: Paired, planned: number): Failure[] {
  const { metric, minus, within, sign } = each;
  const found: Failure[] = [];
  const { mean, interval, n } = difference;
  if (!inside(mean, within)) {
    const violated = within[0] !== null && mean < within[0] ? within[0] : within[1]!;
    found.push({ says: `${arm}: ${metric} minus that of ${minus} must be ${shownBand(within)}, and is ${brief(mean)} [${interval.map(brief).join(', ')}]`, open: interval[0] <= violated && violated <= interval[1] });
  }
  if (sign !== undefined) {
    const expected = within[1] !== null && within[1] <= 0 ? -1 : 1;
    const have = difference.values.filter((value) => Math.sign(value) === expected).length;
    // Run on fewer seeds than the recipe was written for: open as long as the seeds that are missing could still make up the count.
    const open = n < planned && n - have <= planned - sign;
    if (have < Math.min(sign, n)) found.push({ says: `${arm}: ${metric} minus that of ${minus} must be ${expected < 0 ? 'below' : 'above'} 0 for ${Math.min(sign, n)} of ${n} seeds, and is for ${have}`, open });
  }
  return found;
}
