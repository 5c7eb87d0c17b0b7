import { decompose, dot, leastSquares } from '@gradstream/diagnostics';
import { fold, key, normalAt, uniformAt, type Key } from '@gradstream/numerics';
import { families, type FamilyName, type TruthName, truths } from './families.ts';

/** A point that somebody moved: where it stands, and how far off the truth it is measured in every data set. */
export interface Moved {
  readonly index: number;
  readonly x: number;
  readonly offset: number;
}

/** A population of models, each fitted to a data set of its own: the same inputs, other noise. */
export interface Population {
  readonly truth: TruthName;
  readonly family: FamilyName;
  /** Points of a data set. */
  readonly points: number;
  /** Standard deviation of the noise. */
  readonly noise: number;
  readonly models: number;
  readonly seed: number;
  readonly moved: readonly Moved[];
}

/** What came of models of one capacity, each a mean of squares over inputs and models. */
export interface Measures {
  /** Coefficients of a model. */
  readonly capacity: number;
  readonly bias2: number;
  readonly variance: number;
  /** Measured on fresh noisy targets, two at each input for each model. */
  readonly test: number;
  readonly train: number;
}

/** Inputs at which everything is measured: those of the recipe `bias-variance`. */
export const inputs: Float64Array = Float64Array.from({ length: 97 }, (_, i) => 0.02 + (0.96 * i) / 96);

/** Capacities that are measured for data sets of n points: each one up to a little beyond n, then by a tenth up to 10 n. */
export function capacitiesFor(n: number): readonly number[] {
  const all: number[] = [];
  for (let p = 1; p <= 10 * n; p = p < n + 4 ? p + 1 : Math.max(p + 1, Math.round(p * 1.15))) all.push(p);
  return [...all.filter((p) => p < 10 * n), 10 * n];
}

const offsets = ({ moved, points }: Pick<Population, 'moved' | 'points'>) => moved.filter(({ index }) => index < points);

/** Inputs nearer than this to each other would be told apart by no model of full rank. */
const apart = 0.004;

/** Inputs of the data sets: one in each n-th of [0, 1], and those that somebody moved, a little aside where another point stands. */
export function placesOf({ seed, points, moved }: Pick<Population, 'seed' | 'points' | 'moved'>): Float64Array {
  const from = fold(key(seed), 'x');
  const x = Float64Array.from({ length: points }, (_, i) => (i + 0.15 + 0.7 * uniformAt(from, i)) / points);
  for (const { index, x: at } of offsets({ moved, points })) {
    x[index] = at;
    const taken = () => x.some((other, i) => i !== index && Math.abs(other - x[index]) < apart);
    for (let by = 1; taken(); by++) x[index] = at + (by % 2 ? 1 : -1) * Math.ceil(by / 2) * apart;
  }
  return x;
}

const setKey = (seed: number, set: number): Key => fold(fold(key(seed), 'set'), set);

/** Noise of one data set, without what somebody moved. */
export const noiseOf = ({ seed, points, noise }: Pick<Population, 'seed' | 'points' | 'noise'>, set: number): Float64Array => {
  const from = fold(setKey(seed, set), 'noise');
  return Float64Array.from({ length: points }, (_, i) => noise * normalAt(from, i));
};

/** Targets of one data set. */
export function targetsOf(population: Population, places: Float64Array, set: number): Float64Array {
  const y = noiseOf(population, set).map((e, i) => truths[population.truth](places[i]) + e);
  for (const { index, offset } of offsets(population)) y[index] += offset;
  return y;
}

/** What the models of one capacity say at some inputs, a row for each model, and their errors on their own data. */
export function fitAll(population: Population, capacity: number, at: ArrayLike<number>): { readonly predictions: readonly Float64Array[]; readonly train: number } {
  const features = families[population.family](population.seed, population.points);
  const places = placesOf(population);
  const rows = Array.from(places, (x) => features(x, capacity));
  const rowsAt = Array.from(at, (x) => features(x, capacity));
  const solve = leastSquares(rows);
  let train = 0;
  const predictions = Array.from({ length: population.models }, (_, set) => {
    const y = targetsOf(population, places, set);
    const coefficients = solve(y);
    rows.forEach((row, i) => { train += (dot(row, coefficients) - y[i]) ** 2; });
    return Float64Array.from(rowsAt, (row) => dot(row, coefficients));
  });
  return { predictions, train: train / (population.models * population.points) };
}

/** Fresh noise for the test targets of one model, [97]: each stands above the truth in one target and below it in another. */
const freshOf = ({ seed, noise }: Population, set: number): Float64Array => {
  const from = fold(setKey(seed, set), 'fresh');
  return Float64Array.from(inputs, (_, i) => noise * normalAt(from, i));
};

/** Bias, variance and measured errors of the models of one capacity. */
export function measure(population: Population, capacity: number): Measures {
  const { predictions, train } = fitAll(population, capacity, inputs);
  const truth = inputs.map(truths[population.truth]);
  let test = 0;
  predictions.forEach((row, set) => freshOf(population, set).forEach((e, i) => {
    test += ((row[i] - (truth[i] + e)) ** 2 + (row[i] - (truth[i] - e)) ** 2) / 2;
  }));
  return { capacity, ...decompose(predictions, truth), test: test / (population.models * inputs.length), train };
}

/** Standard error of the mean square of the fresh noise, the only thing in which the sum and the measured error differ. */
export const standardError = ({ noise, models }: Pick<Population, 'noise' | 'models'>): number => noise ** 2 * Math.sqrt(2 / (models * inputs.length));

/** The measured errors before, at and beyond the interpolation threshold p = n. */
export interface Descent {
  /** Least error with fewer coefficients than points. */
  readonly before: Measures;
  /** Greatest error from there on. */
  readonly peak: Measures;
  /** Least error beyond the peak. */
  readonly beyond: Measures;
  /** Share of the peak by which the error falls again beyond it. */
  readonly share: number;
}

export function descentOf(measures: readonly Measures[], points: number): Descent {
  const least = (some: readonly Measures[]) => some.reduce((a, b) => (b.test < a.test ? b : a));
  const before = least(measures.filter(({ capacity }) => capacity < points));
  const peak = measures.filter(({ capacity }) => capacity >= before.capacity).reduce((a, b) => (b.test > a.test ? b : a));
  const beyond = least(measures.filter(({ capacity }) => capacity >= peak.capacity));
  return { before, peak, beyond, share: 1 - beyond.test / peak.test };
}
