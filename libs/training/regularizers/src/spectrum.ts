import { key, normals } from '@gradstream/numerics';

/** The largest singular value of a matrix and its unit vectors: W v = value · u. */
export interface Singular {
  readonly value: number;
  /** [rows] */
  readonly u: Float64Array;
  /** [columns] */
  readonly v: Float64Array;
}

/**
 * Power iteration on WᵀW in float64, from a fixed random start, until the value stands still (relative change below 1e-9).
 *
 * @param w row by row [rows, columns]
 * @param iterations at most; each costs 2 · rows · columns multiplications
 */
export function largestSingular(w: ArrayLike<number>, rows: number, columns: number, iterations: number): Singular {
  const u = new Float64Array(rows);
  const v = Float64Array.from(normals(key(1), columns));
  normalize(v);
  let value = 0;
  for (let i = 0; i < iterations; i++) {
    for (let r = 0; r < rows; r++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += w[r * columns + c] * v[c];
      u[r] = sum;
    }
    normalize(u);
    v.fill(0);
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) v[c] += w[r * columns + c] * u[r];
    const before = value;
    value = normalize(v);
    if (!(Math.abs(value - before) > 1e-9 * value)) break;
  }
  return { value, u, v };
}

/** Divides by the norm, which is returned; a zero vector stays. */
function normalize(x: Float64Array): number {
  const norm = Math.sqrt(x.reduce((sum, each) => sum + each * each, 0));
  if (norm > 0) for (let i = 0; i < x.length; i++) x[i] /= norm;
  return norm;
}
