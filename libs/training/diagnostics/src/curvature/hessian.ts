import { fold, key, normals, uniforms, type Key } from '@gradstream/numerics';
import { dot, norm, plus, tridiagonalEigenvalues } from '../linear-algebra.ts';
import type { Point, Surface } from './surface.ts';

export interface DifferenceOptions {
  /** Width of the differences, see `hessianVector`; surfaces in float64 take 1e-5. Default 1e-3, for float32. */
  readonly scale?: number;
}

/**
 * The Hessian times a vector by central differences of gradients: (g(x + hv) − g(x − hv)) / 2h, two gradients.
 *
 * The step is h = scale · (1 + ‖x‖) / ‖v‖. In float32 gradients a smaller one drowns in rounding, a larger one leaves the
 * quadratic; the specs hold the product to 1 % of the exact one.
 */
export function hessianVector(surface: Surface, at: Point, v: Point, { scale = 1e-3 }: DifferenceOptions = {}): Float64Array {
  const length = norm(v);
  if (length === 0) return new Float64Array(v.length);
  const h = (scale * (1 + norm(at))) / length;
  const ahead = surface.gradient(plus(at, v, h)).gradient;
  const behind = surface.gradient(plus(at, v, -h)).gradient;
  return ahead.map((value, i) => (value - behind[i]) / (2 * h));
}

const unit = (v: Point): Float64Array => {
  const length = norm(v);
  return Float64Array.from(v, (value) => value / length);
};

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

/** Eigenvalues of the Hessian at both ends of its spectrum, ascending, by Lanczos with full reorthogonalisation. */
export function lanczos(surface: Surface, at: Point, { iterations = 20, key: from = key(0), scale }: { readonly iterations?: number; readonly key?: Key } & DifferenceOptions = {}): number[] {
  const basis: Float64Array[] = [unit(normals(fold(from, 'lanczos'), surface.size))];
  const diagonal: number[] = [];
  const beside: number[] = [];
  for (let i = 0; i < Math.min(iterations, surface.size); i++) {
    let image: Float64Array = hessianVector(surface, at, basis[i], { scale });
    diagonal.push(dot(basis[i], image));
    for (let pass = 0; pass < 2; pass++) for (const u of basis) image = plus(image, u, -dot(u, image));
    const length = norm(image);
    if (length < 1e-8 * Math.max(...diagonal.map(Math.abs))) break;
    beside.push(length);
    basis.push(unit(image));
  }
  return tridiagonalEigenvalues(diagonal, beside.slice(0, diagonal.length - 1));
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
