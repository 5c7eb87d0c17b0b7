/** Small dense problems in float64: orthonormal polynomials, least squares, symmetric solves and eigenvalues. */
import { InputError } from '@gradstream/numerics';

export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

export const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

/** a + scale · b, a new array. */
export function plus(a: ArrayLike<number>, b: ArrayLike<number>, scale = 1): Float64Array {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i] + scale * b[i];
  return sum;
}

/** scale · a, a new array. */
export function times(a: ArrayLike<number>, scale: number): Float64Array {
  const product = new Float64Array(a.length);
  for (let i = 0; i < product.length; i++) product[i] = scale * a[i];
  return product;
}

/** Legendre polynomials of degree 0 … degree at x in [0, 1], shifted from [−1, 1] by Bonnet's recursion. */
export function legendre(x: number, degree: number): Float64Array {
  const z = 2 * x - 1;
  const values = new Float64Array(degree + 1);
  values[0] = 1;
  if (degree > 0) values[1] = z;
  for (let k = 1; k < degree; k++) values[k + 1] = ((2 * k + 1) * z * values[k] - k * values[k - 1]) / (k + 1);
  return values;
}

/** Orthonormal columns and the triangle R with A = Q R, by Gram and Schmidt, twice. Columns are given and returned as arrays. */
export function orthonormalize(columns: readonly Float64Array[]): { readonly q: Float64Array[]; readonly r: Float64Array[] } {
  const q: Float64Array[] = [];
  const r = columns.map(() => new Float64Array(columns.length));
  columns.forEach((column, j) => {
    let v: Float64Array = Float64Array.from(column);
    for (let pass = 0; pass < 2; pass++) {
      q.forEach((u, i) => {
        const onto = dot(u, v);
        r[i][j] += onto;
        v = plus(v, u, -onto);
      });
    }
    const length = norm(v);
    r[j][j] = length;
    q.push(v.map((value) => (length === 0 ? 0 : value / length)));
  });
  return { q, r };
}

/** x with R x = b, R upper triangular by rows. */
export function backSubstitute(r: readonly Float64Array[], b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(r.length);
  for (let i = r.length - 1; i >= 0; i--) {
    let sum = b[i];
    for (let j = i + 1; j < r.length; j++) sum -= r[i][j] * x[j];
    x[i] = sum / r[i][i];
  }
  return x;
}

/**
 * Least squares of rows [n, p], factored once for many right sides: y [n] to coefficients [p]. Where there are more
 * coefficients than rows the least-norm one of those that interpolate, the limit of gradient descent from zero. By QR of the
 * rows or of their transpose, without their squares; the rank must be the smaller of n and p.
 *
 * @param penalty on the sum of the coefficients' squares; then the solution is one whatever the shape. Default 0
 */
export function leastSquares(rows: readonly Float64Array[], penalty = 0): (y: ArrayLike<number>) => Float64Array {
  const [n, p] = [rows.length, rows[0].length];
  if (p > n && penalty === 0) {
    const { q, r } = orthonormalize(rows);
    return (y) => {
      const z = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let sum = y[i];
        for (let j = 0; j < i; j++) sum -= r[j][i] * z[j];
        z[i] = sum / r[i][i];
      }
      const x = new Float64Array(p);
      q.forEach((u, i) => { for (let k = 0; k < p; k++) x[k] += z[i] * u[k]; });
      return x;
    };
  }
  const below = penalty > 0 ? p : 0;
  const columns = Array.from({ length: p }, (_, k) => Float64Array.from({ length: n + below }, (_, i) => (i < n ? rows[i][k] : i - n === k ? Math.sqrt(penalty) : 0)));
  const { q, r } = orthonormalize(columns);
  return (y) => backSubstitute(r, q.map((u) => dot(u.subarray(0, n), y)));
}

/**
 * x with A x = b for several b, A symmetric and positive definite [n, n], by Cholesky.
 *
 * @param b [n, columns], row by row; so is what is returned
 * @throws InputError when A is not positive definite
 */
export function solvePositive(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const columns = b.length / n;
  const l = a.slice();
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j && !(sum > 0)) throw new InputError('solvePositive: the matrix is not positive definite');
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j];
    }
  }
  const x = b.slice();
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * columns + c];
      for (let k = 0; k < i; k++) sum -= l[i * n + k] * x[k * columns + c];
      x[i * columns + c] = sum / l[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * columns + c];
      for (let k = i + 1; k < n; k++) sum -= l[k * n + i] * x[k * columns + c];
      x[i * columns + c] = sum / l[i * n + i];
    }
  }
  return x;
}

/** Eigenvalues of a symmetric tridiagonal matrix, ascending, by bisection on Sturm counts. */
export function tridiagonalEigenvalues(diagonal: readonly number[], beside: readonly number[]): number[] {
  const n = diagonal.length;
  const radius = diagonal.map((_, i) => Math.abs(beside[i - 1] ?? 0) + Math.abs(i < n - 1 ? beside[i] : 0));
  const low = Math.min(...diagonal.map((d, i) => d - radius[i]));
  const high = Math.max(...diagonal.map((d, i) => d + radius[i]));
  /** Eigenvalues below x. */
  const below = (x: number): number => {
    let count = 0;
    let d = 1;
    for (let i = 0; i < n; i++) {
      d = diagonal[i] - x - (i > 0 ? beside[i - 1] ** 2 / d : 0);
      if (d === 0) d = Number.EPSILON;
      if (d < 0) count++;
    }
    return count;
  };
  return diagonal.map((_, k) => {
    let [a, b] = [low, high];
    for (let i = 0; i < 200 && b - a > 1e-15 * Math.max(1, Math.abs(a), Math.abs(b)); i++) {
      const middle = (a + b) / 2;
      if (below(middle) > k) b = middle;
      else a = middle;
    }
    return (a + b) / 2;
  });
}

/** The eigenvector of a symmetric tridiagonal matrix for one of its eigenvalues, of length 1, by two steps of inverse iteration. */
export function tridiagonalVector(diagonal: readonly number[], beside: readonly number[], value: number): Float64Array {
  const n = diagonal.length;
  // A little beside the eigenvalue the matrix can be solved, and the solution points along the vector.
  const shift = value + 1e-10 * Math.max(1, Math.abs(value));
  let x = new Float64Array(n).fill(1);
  for (let pass = 0; pass < 2; pass++) {
    const pivots = new Float64Array(n);
    const y = x.slice();
    for (let i = 0; i < n; i++) {
      const factor = i > 0 ? beside[i - 1] / pivots[i - 1] : 0;
      pivots[i] = diagonal[i] - shift - (i > 0 ? factor * beside[i - 1] : 0) || Number.EPSILON;
      if (i > 0) y[i] -= factor * y[i - 1];
    }
    for (let i = n - 1; i >= 0; i--) y[i] = (y[i] - (i < n - 1 ? beside[i] * y[i + 1] : 0)) / pivots[i];
    x = times(y, 1 / norm(y)) as Float64Array<ArrayBuffer>;
  }
  return x;
}
