import { concat, defer, from, map, mergeMap, of, tap, type Observable, type ObservableInput } from 'rxjs';
import { InputError, positiveInteger, shown } from '@gradstream/numerics';
import type { RunEvent } from '@gradstream/protocol';
import { paired, summary, type Paired, type Summary } from '../recipe/statistics.ts';
import type { Measured } from '../recipe/study.ts';

/** Makes the run of a seed. */
export type RunOfSeed<E extends RunEvent = RunEvent> = (seed: number) => ObservableInput<E>;

export interface PopulationOptions {
  /** Runs under way at a time. What is computed does not depend on it, only in which order it comes. Default 1. */
  readonly jobs?: number;
}

/** An event of one run among others. */
export interface MemberEvent<E extends RunEvent = RunEvent> {
  readonly type: 'member';
  readonly arm: string;
  readonly seed: number;
  readonly event: E;
}

/** A run has ended: what it measured, and what can be said of all that have. */
export interface StandingEvent {
  readonly type: 'standing';
  readonly arm: string;
  readonly seed: number;
  /** The last value of each of the run's metrics. */
  readonly measured: Measured;
  /** Over the seeds so far, by arm and metric. */
  readonly arms: Readonly<Record<string, Readonly<Record<string, Summary>>>>;
  /** Differences from the base, over the seeds for which both have ended, by arm and metric. */
  readonly paired: Readonly<Record<string, Readonly<Record<string, Paired>>>>;
  /** Runs that have ended, and all of them. */
  readonly done: number;
  readonly of: number;
}

export type PopulationEvent<E extends RunEvent = RunEvent> = MemberEvent<E> | StandingEvent;

/**
 * The same run from several seeds, as one stream: every event of every run with its seed, and after each run the means and
 * deviations so far. One run has no variance; a population has. Cold; of a run that has ended only its last metrics are kept.
 *
 * @example
 * population((seed) => compose(buildParts({ ...spec, seed }, 'spec'), data), [0, 1, 2]).pipe(filter(({ type }) => type === 'standing'))
 */
export const population = <E extends RunEvent>(run: RunOfSeed<E>, seeds: readonly number[], options: PopulationOptions = {}): Observable<PopulationEvent<E>> => runAll('population', { run }, undefined, seeds, options);

/**
 * Several runs that differ in one thing, each from the same seeds, against a base: paired differences with Student's interval and
 * the number of seeds that agree in sign.
 *
 * @param arms by name; `base` is taken
 */
export function compare<E extends RunEvent>(base: RunOfSeed<E>, arms: Readonly<Record<string, RunOfSeed<E>>>, seeds: readonly number[], options: PopulationOptions = {}): Observable<PopulationEvent<E>> {
  if ('base' in arms) throw new InputError("compare: an arm may not be named 'base'");
  return runAll('compare', { base, ...arms }, 'base', seeds, options);
}

function runAll<E extends RunEvent>(where: string, arms: Readonly<Record<string, RunOfSeed<E>>>, base: string | undefined, seeds: readonly number[], { jobs = 1 }: PopulationOptions): Observable<PopulationEvent<E>> {
  if (seeds.length === 0 || new Set(seeds).size < seeds.length) throw new InputError(`${where}: seeds must be different numbers, at least one, received ${shown(seeds)}`);
  if (!positiveInteger.accepts(jobs)) throw new InputError(`${where}: jobs must be ${positiveInteger.says}, received ${shown(jobs)}`);
  return defer(() => {
    const ended = new Map<string, Map<number, Measured>>(Object.keys(arms).map((arm) => [arm, new Map()]));
    const all = seeds.flatMap((seed) => Object.entries(arms).map(([arm, run]) => ({ arm, seed, run })));
    const member$ = ({ arm, seed, run }: (typeof all)[number]): Observable<PopulationEvent<E>> => defer(() => {
      const last: Record<string, number> = {};
      const events$ = from(run(seed)).pipe(
        tap((event) => event.type !== 'stop' && Object.assign(last, event.metrics)),
        map((event): PopulationEvent<E> => ({ type: 'member', arm, seed, event })),
      );
      const standing$ = defer(() => {
        ended.get(arm)!.set(seed, last);
        return of<StandingEvent>({ type: 'standing', arm, seed, measured: last, ...standings(ended, base, seeds), done: [...ended.values()].reduce((n, runs) => n + runs.size, 0), of: all.length });
      });
      return concat(events$, standing$);
    });
    return from(all).pipe(mergeMap(member$, jobs));
  });
}

/** Statistics in the order of the seeds, whatever the order in which runs ended. */
function standings(ended: ReadonlyMap<string, ReadonlyMap<number, Measured>>, base: string | undefined, seeds: readonly number[]): Pick<StandingEvent, 'arms' | 'paired'> {
  const byMetric = <T>(cells: readonly Measured[], of: (values: readonly number[], metric: string) => T): Record<string, T> =>
    Object.fromEntries(Object.keys(cells[0] ?? {}).map((metric) => [metric, of(cells.map((cell) => cell[metric] ?? NaN), metric)]));
  const arms = [...ended].map(([arm, runs]) => [arm, byMetric(seeds.filter((seed) => runs.has(seed)).map((seed) => runs.get(seed)!), summary)] as const);
  const of = base === undefined ? undefined : ended.get(base)!;
  const pairs = [...ended].flatMap(([arm, runs]) => {
    const both = of && arm !== base ? seeds.filter((seed) => of.has(seed) && runs.has(seed)) : [];
    return both.length === 0 ? [] : [[arm, byMetric(both.map((seed) => runs.get(seed)!), (values, metric) => paired(values, both.map((seed) => of!.get(seed)![metric] ?? NaN)))] as const];
  });
  return { arms: Object.fromEntries(arms), paired: Object.fromEntries(pairs) };
}
