/** Golden files, format `golden/1`: what a case holds, and how a number is compared. See `golden/README.md`. */

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

export interface GoldenCase {
  readonly id: string;
  /** One of the three names what is computed. */
  readonly algorithm?: string;
  readonly schedule?: string;
  readonly op?: string;
  readonly hyper: Readonly<Record<string, unknown>>;
  readonly tolerance: Tolerance | { readonly float64: Tolerance; readonly float32: Tolerance };
  readonly [field: string]: unknown;
}

export interface GoldenFile {
  readonly format: string;
  readonly family: string;
  readonly problems?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly cases: readonly GoldenCase[];
}

export type Precision = 'float64' | 'float32';

/** Where a case is computed: by the float64 reference, by loops over Float32Arrays, or on a backend of TensorFlow.js. */
export interface Engine {
  readonly name: 'float64' | 'js' | 'cpu' | 'wasm' | 'fused';
  readonly precision: Precision;
}

/** One thing computed and what it should be: numbers, nested lists, or objects of them. */
export interface Comparison {
  readonly what: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** Computes a case; undefined where this engine has nothing to do with it. Throws for what the project does not know. */
export type Runner = (golden: GoldenCase, engine: Engine, file: GoldenFile) => readonly Comparison[] | undefined | Promise<readonly Comparison[] | undefined>;

/** Runners of a family, by algorithm, schedule or op. */
export type Family = Readonly<Record<string, Runner>>;

export const toleranceOf = ({ tolerance }: GoldenCase, precision: Precision): Tolerance => ('rtol' in tolerance ? tolerance : tolerance[precision]);

/**
 * The largest distance as a part of the tolerance: at most 1 passes. Infinity where shapes, keys or kinds of values differ.
 */
export function distance(actual: unknown, expected: unknown, tolerance: Tolerance): number {
  if (typeof expected === 'number') {
    if (typeof actual !== 'number' || Number.isNaN(actual)) return Infinity;
    return actual === expected ? 0 : Math.abs(actual - expected) / (tolerance.atol + tolerance.rtol * Math.abs(expected));
  }
  if (Array.isArray(expected)) {
    const list = ArrayBuffer.isView(actual) ? Array.from(actual as Float64Array) : actual;
    if (!Array.isArray(list) || list.length !== expected.length) return Infinity;
    return expected.reduce<number>((worst, item, i) => Math.max(worst, distance(list[i], item, tolerance)), 0);
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return Infinity;
    return Object.entries(expected).reduce<number>((worst, [key, item]) => Math.max(worst, distance((actual as Record<string, unknown>)[key], item, tolerance)), 0);
  }
  return actual === expected ? 0 : Infinity;
}

/** Nested lists of numbers, as golden files write tensors. */
export type Nested = number | readonly Nested[];

export const flatten = (nested: Nested): number[] => (typeof nested === 'number' ? [nested] : nested.flatMap(flatten));

export const shapeOf = (nested: Nested): number[] => (typeof nested === 'number' ? [] : [nested.length, ...(nested.length > 0 ? shapeOf(nested[0]) : [])]);

/** Flat values in a shape, as nested lists. */
export function nest(values: ArrayLike<number>, shape: readonly number[]): Nested {
  if (shape.length === 0) return values[0];
  const [n, ...rest] = shape;
  const size = values.length / n;
  return Array.from({ length: n }, (_, i) => nest(Array.from(values).slice(i * size, (i + 1) * size), rest));
}
