import { finite, fold, key, listOf, nonNegative, normalAt, oneOf, permutation, positive, positiveInteger, uniformAt, type Key, type Rule, type Split } from '@gradstream/numerics';
import { divided, divisionRules, synthetic, type Data } from './data.ts';
import type { DivisionOptions } from './partition.ts';
import { inMemory } from './split.ts';

/** How many points, how noisy, and how they are divided. The seed draws the points and their division. */
export interface PointsOptions extends DivisionOptions {
  /** Points in all parts together. Default 1,000. */
  readonly n?: number;
  /** Standard deviation of the normal noise on each coordinate. */
  readonly noise?: number;
}

/** Examples that are made in seconds and fit in memory. */
const aNumberOfExamples: Rule = { says: 'a whole number in [1, 10000000]', accepts: (x) => positiveInteger.accepts(x) && (x as number) <= 1e7, schema: { ...positiveInteger.schema, maximum: 1e7 } };
const pointRules = { ...divisionRules, n: aNumberOfExamples, noise: nonNegative };

/** Draws the numbers of one example: `uniform(i)` in [0, 1), `normal(i)`, both by position. */
interface Draw {
  readonly index: number;
  uniform(i: number): number;
  normal(i: number): number;
}

const drawOf = (from: Key, index: number): Draw => {
  const own = fold(from, index);
  return { index, uniform: (i) => uniformAt(own, i), normal: (i) => normalAt(own, i) };
};

/** Points in the plane with a class each: classes take turns, and a permutation hides the turns. */
function planar(name: string, { n = 1_000, seed = 0, ...parts }: PointsOptions, classes: number, about: string, point: (c: number, draw: Draw) => readonly [number, number]): Data<'classes'> {
  const from = fold(key(seed), name);
  const order = permutation(fold(from, 'order'), n);
  const inputs = new Float32Array(2 * n);
  const values = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const at = order[i];
    values[at] = i % classes;
    inputs.set(point(values[at], drawOf(from, i)), 2 * at);
  }
  const all: Split<'classes'> = inMemory<'classes'>({ dataset: name, store: { inputShape: [2], inputs, targets: { kind: 'classes', width: classes, shape: [n], values } } });
  return divided(all, { seed, ...parts }, { about });
}

/** Two interleaved half circles of radius 1. Noise 0.1 unless given. */
export const moons = synthetic<PointsOptions, Data<'classes'>>('moons', pointRules, ({ noise = 0.1, ...options }) =>
  planar('moons', options, 2, 'two interleaved half circles', (c, { uniform, normal }) => {
    const angle = Math.PI * uniform(0);
    const [x, y] = c === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [x + noise * normal(2), y + noise * normal(3)];
  }));

export interface CirclesOptions extends PointsOptions {
  /** Radius of the inner circle where the outer one has 1. Default 0.5. */
  readonly factor?: number;
}

/** A circle inside another. Noise 0.05 unless given. */
export const circles = synthetic<CirclesOptions, Data<'classes'>>('circles', { ...pointRules, factor: positive }, ({ noise = 0.05, factor = 0.5, ...options }) =>
  planar('circles', options, 2, 'a circle inside another', (c, { uniform, normal }) => {
    const angle = 2 * Math.PI * uniform(0);
    const radius = c === 0 ? 1 : factor;
    return [radius * Math.cos(angle) + noise * normal(2), radius * Math.sin(angle) + noise * normal(3)];
  }));

export interface SpiralsOptions extends PointsOptions {
  /** Arms, a class each. Default 2. */
  readonly classes?: number;
  /** Turns of each arm. Default 1. */
  readonly turns?: number;
}

/** Spiral arms that start at the centre and end at radius 1. Noise 0.02 unless given. */
export const spirals = synthetic<SpiralsOptions, Data<'classes'>>('spirals', { ...pointRules, classes: positiveInteger, turns: positive }, ({ noise = 0.02, classes = 2, turns = 1, ...options }) =>
  planar('spirals', options, classes, 'spiral arms, one class each', (c, { uniform, normal }) => {
    const radius = Math.sqrt(uniform(0));
    const angle = 2 * Math.PI * (turns * radius + c / classes);
    return [radius * Math.cos(angle) + noise * normal(2), radius * Math.sin(angle) + noise * normal(3)];
  }));

export interface BlobsOptions extends PointsOptions {
  /** Number of blobs, a class each. Default 3. */
  readonly classes?: number;
}

/** Normal clouds around centres evenly spaced on the circle of radius 1. Noise 0.3 unless given. */
export const blobs = synthetic<BlobsOptions, Data<'classes'>>('blobs', { ...pointRules, classes: positiveInteger }, ({ noise = 0.3, classes = 3, ...options }) =>
  planar('blobs', options, classes, 'normal clouds around centres on a circle', (c, { normal }) => {
    const angle = (2 * Math.PI * c) / classes;
    return [Math.cos(angle) + noise * normal(0), Math.sin(angle) + noise * normal(1)];
  }));

/** Four clouds at the corners of a square; opposite corners share a class. Noise 0.2 unless given. */
export const xor = synthetic<PointsOptions, Data<'classes'>>('xor', pointRules, ({ noise = 0.2, ...options }) =>
  planar('xor', options, 2, 'exclusive or: opposite corners share a class', (c, draw) => {
    const x = draw.uniform(0) < 0.5 ? -1 : 1;
    const y = c === 0 ? x : -x;
    return [x + noise * draw.normal(2), y + noise * draw.normal(3)];
  }));

/** Numbers to predict from numbers, divided. */
function regression(name: string, { n = 1_000, seed = 0, ...parts }: PointsOptions, features: number, about: string, row: (draw: Draw, n: number) => readonly [readonly number[], number]): Data<'values'> {
  const from = fold(key(seed), name);
  const inputs = new Float32Array(n * features);
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const [x, y] = row(drawOf(from, i), n);
    inputs.set(x, i * features);
    values[i] = y;
  }
  const all: Split<'values'> = inMemory<'values'>({ dataset: name, store: { inputShape: [features], inputs, targets: { kind: 'values', width: 1, shape: [n, 1], values } } });
  return divided(all, { seed, ...parts }, { about });
}

export interface SinusoidOptions extends PointsOptions {
  /** Periods in the unit interval. Default 1. */
  readonly periods?: number;
  /** Where x lies: drawn from [0, 1), or at (i + 0.5)/n. Default `uniform`. */
  readonly x?: 'uniform' | 'grid';
}

/** y = sin(2π·periods·x) + noise, x in [0, 1). Noise 0.3 unless given. */
export const sinusoid = synthetic<SinusoidOptions, Data<'values'>>('sinusoid', { ...pointRules, periods: positive, x: oneOf('uniform', 'grid') }, ({ noise = 0.3, periods = 1, x: placed = 'uniform', ...options }) =>
  regression('sinusoid', options, 1, `sin(2π·${periods}x) with noise of deviation ${noise}`, ({ index, uniform, normal }, n) => {
    const x = placed === 'grid' ? (index + 0.5) / n : uniform(0);
    return [[x], Math.sin(2 * Math.PI * periods * x) + noise * normal(2)];
  }));

export interface LinearOptions extends PointsOptions {
  /** The true weights; as many features. Default 1, −2, 3. */
  readonly weights?: readonly number[];
  /** The true intercept. Default 0.5. */
  readonly bias?: number;
}

/** y = w·x + bias + noise with standard normal x: the weights and the noise that training should find are known. Noise 0.1 unless given. */
export const linear = synthetic<LinearOptions, Data<'values'>>('linear', { ...pointRules, weights: listOf(finite, 1), bias: finite }, ({ noise = 0.1, weights = [1, -2, 3], bias = 0.5, ...options }) =>
  regression('linear', options, weights.length, `[${weights}]·x + ${bias} with noise of deviation ${noise}`, ({ normal }) => {
    const x = weights.map((_, j) => normal(j + 1));
    return [x, x.reduce((sum, value, j) => sum + value * weights[j], bias) + noise * normal(0)];
  }));
