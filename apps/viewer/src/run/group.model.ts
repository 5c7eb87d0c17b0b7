import { fieldOf } from '../runs/fields.model.ts';
import type { ChartedRun } from './lines.model.ts';
import { GroupCurves } from './group-curves.ts';
import type { RunCurves } from './run-curves.ts';
import type { WatchedRun } from './watch.store.ts';

/** Runs that share a value of a field. */
export interface RunGroup<R> {
  /** The value as text; undefined for runs that have none. */
  readonly value: string | undefined;
  readonly members: readonly R[];
}

/** Groups in the order of their values: numbers by size, then texts, then what has none. */
export function groupsOf<R>(runs: readonly R[], valueOf: (run: R) => string | number | undefined): readonly RunGroup<R>[] {
  const groups = new Map<string | number | undefined, R[]>();
  for (const run of runs) {
    const value = valueOf(run);
    const members = groups.get(value);
    if (members) members.push(run);
    else groups.set(value, [run]);
  }
  const rank = (value: string | number | undefined) => (value === undefined ? 2 : typeof value === 'number' ? 0 : 1);
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (typeof a === 'number' ? a - (b as number) : String(a).localeCompare(String(b), 'en')))
    .map(([value, members]) => ({ value: value === undefined ? undefined : String(value), members }));
}

/** Mean, sample deviation and count of the finite numbers among some values. */
export function spreadOfValues(values: readonly (number | undefined)[]): { readonly n: number; readonly mean: number; readonly deviation: number } {
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const n = finite.length;
  const mean = finite.reduce((sum, value) => sum + value, 0) / n;
  return { n, mean, deviation: n > 1 ? Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) : 0 };
}

/** Watched runs as the lines of their groups. @param label of a value and a count of runs */
export function chartedGroups(runs: readonly WatchedRun[], field: string, label: (value: string | undefined, n: number) => string): readonly ChartedRun[] {
  return groupsOf(runs, ({ detail }) => (detail ? fieldOf(detail, field) : undefined)).map(({ value, members }) => ({
    id: `group ${value ?? ''}`, name: label(value, members.length), curves: groupCurvesOf(members.map(({ curves }) => curves)),
  }));
}

/** The same object for the same members, so that a chart goes on where it was. */
const known = new WeakMap<RunCurves, GroupCurves>();
function groupCurvesOf(members: readonly RunCurves[]): GroupCurves {
  const before = known.get(members[0]);
  if (before && before.members.length === members.length && before.members.every((member, i) => member === members[i])) return before;
  const made = new GroupCurves(members);
  known.set(members[0], made);
  return made;
}
