import { epsilonSharpness, filterNormalizedDirection, lanczos, lossBetween, type Point } from '@gradstream/diagnostics';
import { fold, key } from '@gradstream/numerics';
import { asyncScheduler, concat, defer, filter, from, map, type Observable, of, tap } from 'rxjs';
import type { TrainSettings } from '../../train/settings.model.ts';
import { MlpSurface } from '../landscape/mlp-surface.ts';
import { type Progress, type Solution, solve } from '../landscape/solution.ts';
import { canStretch, type FlatSharpSettings, largeOf } from './flat-sharp.settings.ts';
import { stretched } from './stretch.model.ts';

/** What the page asks of the worker. */
export interface FlatSharpQuestion extends Omit<FlatSharpSettings, 'log'> {
  readonly wasmPath?: string;
}

export type Which = 'small' | 'large' | 'stretched';

/** What is measured at one solution, on the examples that the loss is measured on. */
export interface Measures {
  readonly train: number;
  readonly validation: number;
  /** Keskar's φ, in percent, and the largest loss that was found in the box. */
  readonly sharpness: number;
  readonly worst: number;
  readonly lambdaMax: number;
  readonly gradient: number;
  /** The loss at w + ρ · g / ‖g‖: what SAM descends. */
  readonly sam: number;
}

export interface Outcome {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly epochs: number;
  /** Whether the loss was reached at which both stop; otherwise the epochs ran out. */
  readonly reached: boolean;
}

/** Losses along a line; percent of its direction. */
export interface Slices {
  readonly percent: readonly number[];
  readonly lines: readonly { readonly which: Which | 'between'; readonly split: 'train' | 'validation'; readonly values: Float64Array }[];
}

export type FlatSharpReport =
  | ({ readonly type: 'progress'; readonly which: Which } & Progress)
  | { readonly type: 'outcomes'; readonly small: Outcome; readonly large: Outcome; readonly params: number; readonly probed: readonly [number, number] }
  | ({ readonly type: 'between' } & Slices)
  | ({ readonly type: 'random' } & Slices)
  | ({ readonly type: 'ascent' } & Slices)
  | { readonly type: 'measures'; readonly of: Readonly<Partial<Record<Which, Measures>>> }
  | { readonly type: 'same'; readonly function: number; readonly slice: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string };

const known = new Map<string, Solution & { readonly reached: boolean }>();

function solved$(settings: TrainSettings, until: number, wasmPath?: string): Observable<Progress | (Solution & { readonly reached: boolean })> {
  const name = JSON.stringify([settings, until]);
  return defer(() => {
    const found = known.get(name);
    if (found) return of(found);
    let last = Infinity;
    return solve(settings, { untilTrainLoss: until, checkpoints: 1, ...(wasmPath ? { wasmPath } : {}) }).pipe(map((said) => {
      if (!('path' in said)) {
        last = said.loss;
        return said;
      }
      const solution = { ...said, reached: last <= until };
      known.set(name, solution);
      if (known.size > 8) known.delete(known.keys().next().value!);
      return solution;
    }));
  });
}

/** Trains both, then draws the lines, then measures; whoever leaves ends the work between two pieces of it. */
export function answer$(question: FlatSharpQuestion): Observable<FlatSharpReport> {
  const { training, until, wasmPath } = question;
  const solutions: (Solution & { readonly reached: boolean })[] = [];
  const train$ = (which: Which, settings: TrainSettings, at: number) => solved$(settings, until, wasmPath).pipe(
    tap((said) => { if ('path' in said) solutions[at] = said; }),
    filter((said): said is Progress => !('path' in said)),
    map((progress): FlatSharpReport => ({ type: 'progress', which, ...progress })),
  );
  return concat(train$('small', training, 0), train$('large', largeOf(question), 1), defer(() => from(pieces(question, solutions), asyncScheduler)));
}

const steps = (fromPercent: number, toPercent: number, by: number): readonly number[] => Array.from({ length: Math.round((toPercent - fromPercent) / by) + 1 }, (_, i) => fromPercent + i * by);

function* pieces(question: FlatSharpQuestion, [small, large]: readonly (Solution & { readonly reached: boolean })[]): Generator<FlatSharpReport> {
  const { params, activation } = small;
  const train = new MlpSurface(params, activation, small.train);
  const validation = new MlpSurface(params, activation, small.validation);
  const end = ({ path }: Solution) => path[path.length - 1].point;
  const points: Partial<Record<Which, Point>> = { small: end(small), large: end(large), ...(question.stretch !== 1 && canStretch(question) ? { stretched: stretched(params, end(small), question.stretch) } : {}) };
  const all = Object.entries(points) as [Which, Point][];
  const outcome = ({ steps, epochs, reached }: Solution & { readonly reached: boolean }, { batchSize, learningRate }: TrainSettings): Outcome => ({ batchSize, learningRate, steps, epochs, reached });
  yield { type: 'outcomes', small: outcome(small, question.training), large: outcome(large, largeOf(question)), params: train.size, probed: [train.examples, validation.examples] };

  const line = steps(-100, 200, 2);
  yield { type: 'between', percent: line, lines: ([['train', train], ['validation', validation]] as const).map(([split, surface]) => ({ which: 'between', split, values: Float64Array.from(lossBetween(surface, end(small), end(large), line.map((p) => p / 100))) })) };

  const across = steps(-100, 100, 2);
  const random = all.map(([which, at]) => {
    const along = train.along(at, filterNormalizedDirection({ params, size: at.length }, at, fold(key(question.directions), 'direction')));
    return { which, split: 'train' as const, values: Float64Array.from(across, (p) => along(p / 100)) };
  });
  yield { type: 'random', percent: across, lines: random };

  const rho = 10 ** question.rho;
  const up = steps(-100, 300, 4);
  const ascents = new Map(all.map(([which, at]) => {
    const { gradient } = train.gradient(at);
    const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
    return [which, { length, along: train.along(at, gradient.map((g) => (length === 0 ? 0 : (rho * g) / length))) }] as const;
  }));
  yield { type: 'ascent', percent: up, lines: all.map(([which]) => ({ which, split: 'train', values: Float64Array.from(up, (p) => ascents.get(which)!.along(p / 100)) })) };

  if (points.stretched) {
    const [a, b] = [train.logits(points.small!), train.logits(points.stretched)];
    const [one, other] = ['small', 'stretched'].map((which) => random.find((each) => each.which === which)!.values);
    yield { type: 'same', function: a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0), slice: one.reduce((most, x, i) => Math.max(most, Math.abs(x - other[i])), 0) };
  }

  const of: Partial<Record<Which, Measures>> = {};
  for (const [which, at] of all) {
    const name = JSON.stringify([question.training, question.until, which === 'large' ? [question.large, question.rule] : which === 'stretched' ? question.stretch : 1]);
    const { sharpness, worst } = remembered(`${name} box ${question.eps}`, () => epsilonSharpness(train, at, { eps: 10 ** question.eps }));
    const lambdaMax = remembered(`${name} top`, () => lanczos(train, at, { scale: 1e-5, iterations: 30, tolerance: 1e-3 }).at(-1)!);
    const { length, along } = ascents.get(which)!;
    of[which] = { train: train.loss(at), validation: validation.loss(at), sharpness, worst, lambdaMax, gradient: length, sam: along(1) };
    yield { type: 'measures', of: { ...of } };
  }
  yield { type: 'done' };
}

const remember = new Map<string, unknown>();

/** What was computed before under a name, so that a slider of one measure does not repeat the others. */
function remembered<T>(name: string, compute: () => T): T {
  if (!remember.has(name)) {
    if (remember.size > 200) remember.clear();
    remember.set(name, compute());
  }
  return remember.get(name) as T;
}
