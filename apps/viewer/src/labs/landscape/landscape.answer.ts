import { key } from '@gradstream/numerics';
import { asyncScheduler, concat, defer, filter, from, map, type Observable, of, switchMap, tap } from 'rxjs';
import type { TrainSettings } from '../../train/settings.model.ts';
import { type Grid, largestDifference, placeOf } from './grid.model.ts';
import { sides } from './landscape.settings.ts';
import { MlpSurface } from './mlp-surface.ts';
import { betweenPlane, pcaPlane, type PlaneKind, randomPlane, type Shadow, shadowOf, type WeightPlane } from './plane.model.ts';
import { type Progress, type Solution, solve } from './solution.ts';
import { isWebglLost, startWebgl, webglLosses } from './webgl-losses.ts';

/** What the page asks of the worker. The same question has the same answer. */
export interface LandscapeQuestion {
  readonly training: TrainSettings;
  readonly kind: PlaneKind;
  readonly other: number;
  readonly directions: number;
  readonly zoom: number;
  readonly compute: 'float64' | 'webgl';
  readonly wasmPath?: string;
}

/** A way of checkpoints, as it lies on the plane, with the losses at the weights themselves (not at their shadows). */
export interface PathReport extends Shadow {
  readonly seed: number;
  readonly steps: readonly number[];
  readonly train: Float64Array;
  readonly validation: Float64Array;
}

/** What float64 says to a grid of WebGL: the largest relative difference, on so many places. */
export interface Check {
  readonly difference: number;
  readonly places: number;
}

/** What the worker says. */
export type LandscapeReport =
  | ({ readonly type: 'progress'; readonly seed: number } & Progress)
  | { readonly type: 'plane'; readonly bounds: WeightPlane['bounds']; readonly shares?: readonly [number, number]; readonly paths: readonly PathReport[]; readonly params: number; readonly probed: readonly [number, number] }
  | { readonly type: 'line'; readonly percent: readonly number[]; readonly train: Float64Array; readonly validation: Float64Array }
  | { readonly type: 'grid'; readonly grid: Grid; readonly on: 'float64' | 'webgl'; readonly ms: number; readonly check?: Check; readonly instead?: string }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string };

/** Time between two looks at the messages that came meanwhile. */
const sliceMs = 12;
/** Places of a WebGL grid that float64 looks at again. */
const compared = 64;

const known = new Map<string, Solution>();

/** A solution, from memory where it was trained before. */
function solved$(settings: TrainSettings, wasmPath?: string): Observable<Progress | Solution> {
  const name = JSON.stringify(settings);
  return defer(() => {
    const found = known.get(name);
    if (found) return of(found);
    return solve(settings, { ...(wasmPath ? { wasmPath } : {}) }).pipe(tap((said) => {
      if (!('path' in said)) return;
      known.set(name, said);
      if (known.size > 6) known.delete(known.keys().next().value!);
    }));
  });
}

/** Answers a question bit by bit, coarse before fine; whoever leaves ends the work within a slice. */
export function answer$(question: LandscapeQuestion): Observable<LandscapeReport> {
  const { training, kind, other, compute } = question;
  const seeds = kind === 'between' ? [training.seed, other] : [training.seed];
  const solutions: Solution[] = [];
  const training$ = concat(...seeds.map((seed, i) => solved$({ ...training, seed }, question.wasmPath).pipe(
    tap((said) => { if ('path' in said) solutions[i] = said; }),
    filter((said): said is Progress => !('path' in said)),
    map((progress): LandscapeReport => ({ type: 'progress', seed, ...progress })),
  )));
  const start$ = compute === 'webgl' ? defer(() => from(startWebgl())) : of('float64');
  return concat(training$, start$.pipe(switchMap((reason) => from(slices(question, solutions, seeds, reason), asyncScheduler).pipe(filter((said) => said !== undefined)))));
}

/** The plane of a question through its solutions. */
export function planeOf({ kind, directions, zoom }: Pick<LandscapeQuestion, 'kind' | 'directions' | 'zoom'>, [solution, second]: readonly Solution[]): WeightPlane {
  const path = solution.path.map(({ point }) => point);
  const end = path[path.length - 1];
  if (kind === 'pca') return pcaPlane(path, zoom);
  if (kind === 'between') return betweenPlane(end, second.path[second.path.length - 1].point, path[0], zoom);
  return randomPlane(solution.params, end, key(directions), zoom);
}

/** @param reason why WebGL is not used */
function* slices(question: LandscapeQuestion, solutions: readonly Solution[], seeds: readonly number[], reason: string | undefined): Generator<LandscapeReport | undefined> {
  const begun = performance.now();
  const [{ params, activation, train, validation }] = solutions;
  const surfaces = { train: new MlpSurface(params, activation, train), validation: new MlpSurface(params, activation, validation) };
  const plane = planeOf(question, solutions);
  const { bounds, shares, origin, first, second } = plane;
  yield {
    type: 'plane', bounds, ...(shares ? { shares } : {}), params: origin.length, probed: [train.size, validation.size],
    paths: solutions.map(({ path }, i): PathReport => {
      const points = path.map(({ point }) => point);
      const lossesOn = (surface: MlpSurface) => Float64Array.from(points, (point) => surface.loss(point));
      return { seed: seeds[i], steps: path.map(({ step }) => step), ...shadowOf(plane, points), train: lossesOn(surfaces.train), validation: lossesOn(surfaces.validation) };
    }),
  };
  const along = { train: surfaces.train.along(origin, first, second), validation: surfaces.validation.along(origin, first, second) };

  const percent = Array.from({ length: 101 }, (_, i) => Math.round(100 * (bounds[0] + (i / 100) * (bounds[1] - bounds[0]))));
  const onLine = (of: typeof along.train) => Float64Array.from(percent, (p) => of(p / 100, 0));
  yield { type: 'line', percent, train: onLine(along.train), validation: onLine(along.validation) };

  const card = reason === undefined ? { train: webglLosses(params, activation, train), validation: webglLosses(params, activation, validation) } : undefined;
  let instead = question.compute === 'webgl' ? reason : undefined;
  let onCard = card !== undefined;
  let grid: Grid | undefined;
  try {
    for (const side of sides) {
      const next: Grid = { side, bounds, train: new Float64Array(side * side), validation: new Float64Array(side * side) };
      const step = grid ? (side - 1) / (grid.side - 1) : 1;
      let due = performance.now() + sliceMs;
      for (let row = 0; row < side; row++) {
        const missing: number[] = [];
        for (let column = 0; column < side; column++) {
          const cell = row * side + column;
          if (grid && row % step === 0 && column % step === 0) {
            const before = (row / step) * grid.side + column / step;
            next.train[cell] = grid.train[before];
            next.validation[cell] = grid.validation[before];
          } else missing.push(column);
        }
        if (card && onCard && missing.length > 0) {
          const points = missing.map((column) => pointAt(plane, placeOf(next, column, row)));
          const losses = { train: card.train.lossesAt(points), validation: card.validation.lossesAt(points) };
          missing.forEach((column, k) => {
            next.train[row * side + column] = losses.train[k];
            next.validation[row * side + column] = losses.validation[k];
          });
          if (isWebglLost()) {
            onCard = false;
            instead = 'the graphics context was lost';
          }
        }
        if (!onCard) {
          for (const column of missing) {
            const [alpha, beta] = placeOf(next, column, row);
            next.train[row * side + column] = along.train(alpha, beta);
            next.validation[row * side + column] = along.validation(alpha, beta);
            if (performance.now() < due) continue;
            yield undefined;
            due = performance.now() + sliceMs;
          }
        } else yield undefined;
      }
      grid = next;
      const ms = performance.now() - begun;
      yield { type: 'grid', grid, on: onCard ? 'webgl' : 'float64', ms, ...(onCard ? { check: checked(next, along.train) } : {}), ...(instead ? { instead } : {}) };
    }
    yield { type: 'done' };
  } finally {
    card?.train.dispose();
    card?.validation.dispose();
  }
}

function checked(grid: Grid, exact: (alpha: number, beta: number) => number): Check {
  const cells = Array.from({ length: compared }, (_, i) => Math.floor(((i + 0.5) * grid.train.length) / compared));
  const reference = cells.map((cell) => exact(...placeOf(grid, cell % grid.side, Math.floor(cell / grid.side))));
  return { difference: largestDifference(cells.map((cell) => grid.train[cell]), reference), places: compared };
}

function pointAt({ origin, first, second }: WeightPlane, [alpha, beta]: readonly [number, number]): Float32Array {
  const point = new Float32Array(origin.length);
  for (let i = 0; i < point.length; i++) point[i] = origin[i] + alpha * first[i] + beta * second[i];
  return point;
}
