import { normals, oneOf, sizeOf, uniforms, type Key } from '@gradstream/numerics';
import type { Initializer } from './layer.ts';

/**
 * First values of weights, each a function of a key: Glorot and Bengio 2010 (`glorot…`, variance 2 / (in + out)),
 * He et al. 2015 (`he…`, 2 / in), LeCun et al. 1998 (`lecun…`, 1 / in). The normal ones are not truncated, where
 * Keras truncates at two standard deviations.
 */
const uniform = (variance: (fan: { in: number; out: number }) => number): Initializer => (key, shape, fan) => {
  const limit = Math.sqrt(3 * variance(fan));
  return uniforms(key, sizeOf(shape)).map((u) => (2 * u - 1) * limit);
};

const normal = (variance: (fan: { in: number; out: number }) => number): Initializer => (key, shape, fan) => {
  const deviation = Math.sqrt(variance(fan));
  return normals(key, sizeOf(shape)).map((z) => z * deviation);
};

const glorot = (fan: { in: number; out: number }) => 2 / (fan.in + fan.out);
const he = (fan: { in: number }) => 2 / fan.in;
const lecun = (fan: { in: number }) => 1 / fan.in;

/** Every weight the same. */
export const constant = (value: number): Initializer => (_, shape) => new Float32Array(sizeOf(shape)).fill(value);

/**
 * Saxe et al. 2014: rows (or columns, whichever are fewer) of the weight as a matrix [all but the last axis, last axis]
 * are orthonormal. A Gaussian matrix, orthonormalised in float64, so that every rotation is equally likely.
 */
export const orthogonal: Initializer = (key, shape) => {
  const outputs = shape.at(-1) ?? 1;
  const inputs = sizeOf(shape) / outputs;
  const [long, short] = inputs >= outputs ? [inputs, outputs] : [outputs, inputs];
  const q = orthonormalColumns(key, long, short);
  if (inputs >= outputs) return Float32Array.from(q);
  return Float32Array.from({ length: q.length }, (_, i) => q[(i % outputs) * short + Math.floor(i / outputs)]);
};

/** A random matrix [rows, columns] (row by row) with orthonormal columns, rows >= columns: Gram and Schmidt, twice, in float64. */
function orthonormalColumns(key: Key, rows: number, columns: number): Float64Array {
  const q = Float64Array.from(normals(key, rows * columns));
  const project = (column: number, onto: number) => {
    let dot = 0;
    for (let i = 0; i < rows; i++) dot += q[i * columns + column] * q[i * columns + onto];
    for (let i = 0; i < rows; i++) q[i * columns + column] -= dot * q[i * columns + onto];
  };
  for (let column = 0; column < columns; column++) {
    for (let pass = 0; pass < 2; pass++) for (let onto = 0; onto < column; onto++) project(column, onto);
    let norm = 0;
    for (let i = 0; i < rows; i++) norm += q[i * columns + column] ** 2;
    for (let i = 0; i < rows; i++) q[i * columns + column] /= Math.sqrt(norm);
  }
  return q;
}

/** The initializers that layers know by name. */
export const initializers = {
  glorotUniform: uniform(glorot),
  glorotNormal: normal(glorot),
  heUniform: uniform(he),
  heNormal: normal(he),
  lecunUniform: uniform(lecun),
  lecunNormal: normal(lecun),
  orthogonal,
  /** Standard deviation 0.02, as transformers start (Radford et al. 2018). */
  smallNormal: normal(() => 0.02 ** 2),
  /** Standard deviation 0.1, as sigmoid networks were started before Glorot (Ioffe and Szegedy 2015, section 4.1). */
  tenthNormal: normal(() => 0.1 ** 2),
  zeros: constant(0),
  ones: constant(1),
} as const satisfies Record<string, Initializer>;

export type InitializerName = keyof typeof initializers;

/** Option rule: the name of an initializer. */
export const initializer = oneOf(...Object.keys(initializers));

