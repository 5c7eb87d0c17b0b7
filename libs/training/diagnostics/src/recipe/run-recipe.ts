import { concat, defer, from, mergeMap, of, type Observable } from 'rxjs';
import { hashOf, type Recipe } from './recipe.ts';
import type { Paired } from './statistics.ts';
import type { Measured } from './study.ts';
import { judge, pairedWith, summarize, type Failure, type Results, type Summaries, type Verdict } from './verdict.ts';

/** One arm with one seed: what is carried out, kept and never done twice. */
export interface Cell {
  readonly recipe: string;
  readonly study: string;
  readonly arm: string;
  readonly seed: number;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A cell that was carried out, or found where earlier ones are kept. */
export interface CellEvent {
  readonly type: 'cell';
  readonly cell: Cell;
  readonly measured: Measured;
  readonly seconds: number;
  readonly kept: boolean;
  /** Cells done so far, and all of them. */
  readonly done: number;
  readonly of: number;
}

/** How a result is reported. */
export interface Report {
  readonly id: string;
  readonly arms: Summaries;
  readonly paired: Readonly<Record<string, Readonly<Record<string, Paired>>>>;
  readonly verdict: Verdict;
  readonly failed: readonly Failure[];
  /** Of all cells, whenever they were carried out, on one thread. */
  readonly seconds: number;
  readonly seeds: readonly number[];
  readonly environment: Environment;
  readonly recipe_sha256: string;
}

export interface Environment {
  readonly backend: string;
  readonly version: string;
  readonly cores: number;
}

export interface ReportEvent {
  readonly type: 'report';
  readonly report: Report;
}

/** Cells that are done, by the hash of what they are. */
export interface CellStore {
  get(hash: string): { readonly measured: Measured; readonly seconds: number } | undefined;
  put(hash: string, done: { readonly measured: Measured; readonly seconds: number; readonly cell: Cell }): void;
}

/** Keeps nothing. */
export const noStore: CellStore = { get: () => undefined, put: () => undefined };

export interface RunRecipeOptions {
  /** Instead of the recipe's. */
  readonly seeds?: readonly number[];
  readonly store?: CellStore;
  /** Cells under way at a time; the numbers do not depend on it. Default 1. */
  readonly jobs?: number;
  readonly environment: Environment;
  /** Carries a cell out, here or in another thread. */
  readonly carryOut: (cell: Cell) => Promise<{ readonly measured: Measured; readonly seconds: number }>;
}

/** The arms of a recipe for each seed, seed by seed so that pairs are complete as early as can be. */
export function cellsOf(recipe: Recipe, seeds: readonly number[] = recipe.seeds): Cell[] {
  return seeds.flatMap((seed) => Object.entries(recipe.arms).map(([arm, change]) => ({ recipe: recipe.id, study: recipe.study, arm, seed, options: { ...recipe.common, ...change } })));
}

/** What a cell is: study, options and seed, and the version of the code. Its name is no part of it: equal cells of two recipes are one. */
export const cellHash = ({ study, options, seed }: Cell, version: string): string => hashOf({ study, options, seed, version });

/**
 * Runs a recipe: an event for each cell, then the report. Cold; cells that are kept are not carried out again, so a run
 * that was cut off goes on.
 */
export function runRecipe(recipe: Recipe, { seeds = recipe.seeds, store = noStore, jobs = 1, environment, carryOut }: RunRecipeOptions): Observable<CellEvent | ReportEvent> {
  return defer(() => {
    const cells = cellsOf(recipe, seeds);
    const found = new Map<Cell, { readonly measured: Measured; readonly seconds: number }>();
    const cells$ = from(cells).pipe(
      mergeMap(async (cell): Promise<CellEvent> => {
        const hash = cellHash(cell, environment.version);
        const kept = store.get(hash);
        const done = kept ?? (await carryOut(cell));
        if (!kept) store.put(hash, { ...done, cell });
        found.set(cell, done);
        return { type: 'cell', cell, measured: done.measured, seconds: done.seconds, kept: kept !== undefined, done: found.size, of: cells.length };
      }, jobs),
    );
    const report$ = defer(() => of<ReportEvent>({ type: 'report', report: reportOf(recipe, seeds, cells, found, environment) }));
    return concat(cells$, report$);
  });
}

function reportOf(recipe: Recipe, seeds: readonly number[], cells: readonly Cell[], found: ReadonlyMap<Cell, { readonly measured: Measured; readonly seconds: number }>, environment: Environment): Report {
  const results: Results = Object.fromEntries(Object.keys(recipe.arms).map((arm) => [arm, cells.filter((cell) => cell.arm === arm).map((cell) => found.get(cell)!.measured)]));
  return {
    id: recipe.id,
    arms: summarize(results),
    paired: recipe.base === undefined ? {} : pairedWith(recipe.base, results),
    ...judge(recipe, results),
    seconds: [...found.values()].reduce((sum, { seconds }) => sum + seconds, 0),
    seeds,
    environment,
    recipe_sha256: hashOf(recipe),
  };
}

