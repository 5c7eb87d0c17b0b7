import { fold, key, normals, uniforms, type Key } from '@gradstream/numerics';
import { dot, norm, times, tridiagonalEigenvalues, tridiagonalVector } from '../linear-algebra.ts';
import type { Point, Surface, Vectors } from './surface.ts';

export interface DifferenceOptions {
  /** Width of the differences, see `hessianVector`; surfaces in float64 take 1e-5. Default 1e-3, for float32. */
  readonly scale?: number;
}

/**
 * The Hessian times a vector by central differences of gradients: (g(x + hv) − g(x − hv)) / 2h, two gradients.
 *
 * The step is h = scale · (1 + ‖x‖) / ‖v‖. In float32 gradients a smaller one drowns in rounding, a larger one leaves the
 * quadratic. Measured against float64 on trained tanh networks, scale 1e-3 errs by 3e-5 to 2e-3 of the product; the specs hold it to 1 %.
 * A network with kinks (ReLU) has no one Hessian: the difference counts the jumps of the gradient within h, which the second
 * derivative between two kinks leaves out, and along a random direction these can be as large as the product itself.
 */
export function hessianVector(surface: Surface, at: Point, v: Point, { scale = 1e-3 }: DifferenceOptions = {}): Float64Array {
  const product = new Float64Array(v.length);
  const length = norm(v);
  if (length === 0) return product;
  const h = (scale * (1 + norm(at))) / length;
  const gradientAt = (by: number): Point => {
    const there = alike(at, at.length);
    for (let i = 0; i < there.length; i++) there[i] = at[i] + by * v[i];
    return surface.gradient(there).gradient;
  };
  const [ahead, behind] = [gradientAt(h), gradientAt(-h)];
  for (let i = 0; i < product.length; i++) product[i] = (ahead[i] - behind[i]) / (2 * h);
  return product;
}

/** Zeros of the same precision as a point: a surface of float64 numbers gets them as they are; weights of models are float32 anyway. */
const alike = (point: Point, length: number): Point => (point instanceof Float32Array ? new Float32Array(length) : new Float64Array(length));

const unit = (v: Point): Float64Array => times(v, 1 / norm(v));

export interface PowerOptions extends DifferenceOptions {
  /** Direction to begin with; that of an earlier step makes one or two iterations enough. Default random. */
  readonly start?: Point;
  /** Default 100. */
  readonly iterations?: number;
  /** Ends when the estimate changes by less than this share. Default 1e-3. */
  readonly tolerance?: number;
  readonly key?: Key;
}

/** The eigenvalue of largest size of the Hessian and its direction, by power iteration; two gradients an iteration. */
export function largestEigenvalue(surface: Surface, at: Point, { start, iterations = 100, tolerance = 1e-3, key: from = key(0), scale }: PowerOptions = {}): { readonly value: number; readonly direction: Float64Array; readonly iterations: number } {
  let direction = unit(start ?? normals(fold(from, 'power'), surface.size));
  let value = 0;
  for (let i = 1; i <= iterations; i++) {
    const image = hessianVector(surface, at, direction, { scale });
    const next = dot(direction, image);
    const done = Math.abs(next - value) <= tolerance * Math.abs(next);
    value = next;
    if (norm(image) === 0) return { value: 0, direction, iterations: i };
    direction = unit(image);
    if (done && i > 1) return { value, direction, iterations: i };
  }
  return { value, direction, iterations };
}

export interface LanczosOptions extends DifferenceOptions {
  /** Hessian products. Default 20. */
  readonly iterations?: number;
  /** Direction to begin with; that of an earlier step makes a few iterations enough for the top. Default random. */
  readonly start?: Point;
  readonly key?: Key;
  /**
   * Ends when ‖Hv − λv‖ is at most this share of the top λ; the error of λ itself goes with its square. From the second product on, since one
   * alone cannot tell the top from another direction that is nearly right. Default 0: all iterations.
   */
  readonly tolerance?: number;
}

/** Eigenvalues of the Hessian at both ends of its spectrum, ascending, by Lanczos with full reorthogonalisation. */
export const lanczos = (surface: Surface, at: Point, options: LanczosOptions = {}): number[] => {
  const { diagonal, beside } = krylov(surface, at, options);
  return tridiagonalEigenvalues(diagonal, beside);
};

/** Directions that the next start is mixed of, the steepest first, each with half the weight of the one before. */
const FOLLOWED = 3;

/**
 * The largest eigenvalue of the Hessian and its direction by Lanczos: of the directions that some products reach, the steepest.
 * `next` is the start for a moment soon after: the steepest direction and those behind it, one of which may have overtaken it by then.
 */
export function topEigenpair(surface: Surface, at: Point, options: LanczosOptions = {}): { readonly value: number; readonly direction: Point; readonly next: Point; readonly products: number } {
  const { vectors, basis, diagonal, beside } = krylov(surface, at, options);
  const steepest = tridiagonalEigenvalues(diagonal, beside).slice(-FOLLOWED).reverse();
  const parts = steepest.map((value) => tridiagonalVector(diagonal, beside, value));
  const out = vectors.vector(BASIS + basis.length + 1);
  const combined = (weights: readonly number[]): Point => {
    out.fill(0);
    basis.forEach((u, i) => vectors.mix(out, 1, out, weights.reduce((sum, weight, k) => sum + weight * parts[k][i], 0), u));
    vectors.mix(out, 1 / Math.sqrt(vectors.dot(out, out)), out, 0, out);
    return out.slice();
  };
  return { value: steepest[0], direction: combined([1]), next: combined(steepest.map((_, k) => 0.5 ** k)), products: diagonal.length };
}

/** Working vectors of a surface that has none of its own, as precise as a point. */
function vectorsLike(at: Point): Vectors {
  const made: Point[] = [];
  return {
    vector: (i) => (made[i] ??= alike(at, at.length)),
    mix: (out, a, x, b, y) => {
      for (let i = 0; i < out.length; i++) out[i] = a * x[i] + b * y[i];
    },
    dot,
  };
}

/** Of the working vectors the first is a surface's own, the second the point, then come the directions. */
const [POINT, BASIS] = [1, 2];

/**
 * Orthonormal directions v, Hv, H²v … and the Hessian on them: a tridiagonal matrix. All in the surface's own memory where it has some,
 * with differences that are as good as the ones of `hessianVector`; the directions are good until the next call.
 */
function krylov(surface: Surface, from: Point, { iterations = 20, start, key: seed = key(0), tolerance = 0, scale = 1e-3 }: LanczosOptions): { readonly vectors: Vectors; readonly basis: readonly Point[]; readonly diagonal: readonly number[]; readonly beside: readonly number[] } {
  const { inPlace } = surface;
  const vectors = inPlace ?? vectorsLike(from);
  const { mix, dot } = vectors;
  const at = vectors.vector(POINT);
  at.set(from);
  const first = vectors.vector(BASIS);
  first.set(start ?? normals(fold(seed, 'lanczos'), surface.size));
  mix(first, 1 / Math.sqrt(dot(first, first)), first, 0, first);

  const h = scale * (1 + Math.sqrt(dot(at, at)));
  const gradientAt = (v: Point, by: number): Point => {
    const there = inPlace?.point ?? alike(at, at.length);
    mix(there, 1, at, by, v);
    if (!inPlace) return surface.gradient(there).gradient;
    inPlace.take();
    return inPlace.gradient;
  };

  const basis = [first];
  const diagonal: number[] = [];
  const beside: number[] = [];
  const count = Math.min(iterations, surface.size);
  for (let i = 0; i < count; i++) {
    // 2h · H v
    const image = vectors.vector(BASIS + i + 1);
    image.set(gradientAt(basis[i], h));
    mix(image, 1, image, -1, gradientAt(basis[i], -h));
    const onto = basis.map((u) => dot(u, image));
    diagonal.push(onto[i] / (2 * h));
    if (i + 1 === count) break;
    const rest = dot(image, image) - onto.reduce((sum, part) => sum + part ** 2, 0);
    if (i > 0 && tolerance > 0 && isNear(diagonal, beside, Math.sqrt(Math.max(0, rest)) / (2 * h), tolerance)) break;
    // Twice is enough (Giraud, Langou, Rozložník 2005).
    basis.forEach((u, j) => mix(image, 1, image, -onto[j], u));
    for (const u of basis) mix(image, 1, image, -dot(u, image), u);
    const length = Math.sqrt(dot(image, image));
    if (length / (2 * h) < 1e-8 * Math.max(...diagonal.map(Math.abs))) break;
    beside.push(length / (2 * h));
    mix(image, 1 / length, image, 0, image);
    basis.push(image);
  }
  return { vectors, basis, diagonal, beside: beside.slice(0, diagonal.length - 1) };
}

/** Whether the top Ritz pair of a tridiagonal matrix has a residual below a share of its value; `next` is the entry that would come beside. */
function isNear(diagonal: readonly number[], beside: readonly number[], next: number, tolerance: number): boolean {
  const value = tridiagonalEigenvalues(diagonal, beside).at(-1)!;
  return next * Math.abs(tridiagonalVector(diagonal, beside, value).at(-1)!) <= tolerance * Math.abs(value);
}

/** Trace of the Hessian as the mean of zᵀHz over random signs z (Hutchinson 1990), with the standard error of that mean. */
export function hessianTrace(surface: Surface, at: Point, { probes = 20, key: from = key(0) }: { readonly probes?: number; readonly key?: Key } = {}): { readonly trace: number; readonly error: number } {
  const values = Array.from({ length: probes }, (_, i) => {
    const z = uniforms(fold(fold(from, 'hutchinson'), i), surface.size).map((u) => (u < 0.5 ? -1 : 1));
    return dot(z, hessianVector(surface, at, z));
  });
  const trace = values.reduce((a, b) => a + b, 0) / probes;
  return { trace, error: Math.sqrt(values.reduce((sum, value) => sum + (value - trace) ** 2, 0) / (probes - 1) / probes) };
}
