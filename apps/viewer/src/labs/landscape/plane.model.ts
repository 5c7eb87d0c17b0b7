import { filterNormalizedDirection, type Point } from '@gradstream/diagnostics';
import { fold, type Key, type ParamInfo } from '@gradstream/numerics';

/** How the two directions of a plane are chosen. */
export const planeKinds = ['random', 'pca', 'between'] as const;
export type PlaneKind = (typeof planeKinds)[number];

/** A plane of weights, `origin + α · first + β · second`, and the part of it that is shown. */
export interface WeightPlane {
  readonly kind: PlaneKind;
  readonly origin: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** α from, α to, β from, β to. */
  readonly bounds: Bounds;
  /** Of the squared distances of the checkpoints from the origin, what lies along each principal direction. */
  readonly shares?: readonly [number, number];
}

export type Bounds = readonly [number, number, number, number];

/** Where a path of weights stands in a plane: the nearest place, and how far off the plane the weights lie. */
export interface Shadow {
  readonly alpha: Float64Array;
  readonly beta: Float64Array;
  /** Distance from the plane. */
  readonly off: Float64Array;
  /** The same as a share of the distance from the origin, in [0, 1]; 0 at the origin. */
  readonly share: Float64Array;
}

/** Filter-normalised random directions around a point (Li et al. 2018). */
export function randomPlane(params: readonly ParamInfo[], at: Point, from: Key, zoom = 1): WeightPlane {
  const draw = (name: string) => filterNormalizedDirection({ params, size: at.length }, at, fold(from, name));
  return { kind: 'random', origin: Float64Array.from(at), first: draw('first'), second: draw('second'), bounds: zoomed([-1, 1, -1, 1], zoom) };
}

/**
 * The two directions in which the checkpoints lie furthest from the last one: principal components of their differences from it, by the
 * eigenvectors of the small matrix of inner products. Each is scaled to the furthest checkpoint along it, which lies at 1.
 */
export function pcaPlane(path: readonly Point[], zoom = 1): WeightPlane {
  const origin = Float64Array.from(path[path.length - 1]);
  const rows = path.slice(0, -1).map((point) => difference(point, origin));
  const gram = rows.map((a) => rows.map((b) => dot(a, b)));
  const { values, vectors } = symmetricEigen(gram);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const axis = (k: number): Float64Array => {
    const length = Math.sqrt(Math.max(0, values[k] ?? 0));
    const direction = new Float64Array(origin.length);
    if (length <= 1e-12 * Math.sqrt(total)) return direction;
    rows.forEach((row, r) => row.forEach((x, i) => (direction[i] += (vectors[k][r] / length) * x)));
    // The furthest checkpoint is at +1, whatever sign the eigenvector came with.
    const furthest = rows.map((row) => dot(row, direction)).reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    return direction.map((x) => x * furthest);
  };
  return { kind: 'pca', origin, first: axis(0), second: axis(1), bounds: zoomed([-1.25, 1.25, -1.25, 1.25], zoom), shares: [0, 1].map((k) => (total === 0 ? 0 : Math.max(0, values[k] ?? 0) / total)) as unknown as [number, number] };
}

/** The plane through two solutions, at (0, 0) and (1, 0), and a third point, which lies at β = 1. */
export function betweenPlane(from: Point, to: Point, third: Point, zoom = 1): WeightPlane {
  const origin = Float64Array.from(from);
  const first = difference(to, origin);
  const towards = difference(third, origin);
  const along = dot(towards, first) / (dot(first, first) || 1);
  return { kind: 'between', origin, first, second: towards.map((x, i) => x - along * first[i]), bounds: zoomed([-0.5, 1.5, -0.75, 1.25], zoom) };
}

/** The nearest places of the plane to some points, by least squares, with what is left over. */
export function shadowOf({ origin, first, second }: Pick<WeightPlane, 'origin' | 'first' | 'second'>, path: readonly Point[]): Shadow {
  const [aa, ab, bb] = [dot(first, first), dot(first, second), dot(second, second)];
  const det = aa * bb - ab * ab;
  const shadow = { alpha: new Float64Array(path.length), beta: new Float64Array(path.length), off: new Float64Array(path.length), share: new Float64Array(path.length) };
  path.forEach((point, k) => {
    const away = difference(point, origin);
    const [a, b] = [dot(away, first), dot(away, second)];
    // A plane that is no plane (a straight path has one direction) is a line.
    const [alpha, beta] = det > 1e-12 * aa * bb ? [(bb * a - ab * b) / det, (aa * b - ab * a) / det] : [aa === 0 ? 0 : a / aa, 0];
    const off = norm(away.map((x, i) => x - alpha * first[i] - beta * second[i]));
    const far = norm(away);
    shadow.alpha[k] = alpha;
    shadow.beta[k] = beta;
    shadow.off[k] = off;
    shadow.share[k] = far === 0 ? 0 : off / far;
  });
  return shadow;
}

/** Bounds stretched about their middle. */
const zoomed = ([a0, a1, b0, b1]: Bounds, zoom: number): Bounds => {
  const about = (low: number, high: number) => [(low + high) / 2 - ((high - low) / 2) * zoom, (low + high) / 2 + ((high - low) / 2) * zoom] as const;
  return [...about(a0, a1), ...about(b0, b1)];
};

const difference = (a: Point, b: Point): Float64Array => Float64Array.from(a, (x, i) => x - b[i]);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};
const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));

/** Eigenvalues of a symmetric matrix, greatest first, and their vectors, by Jacobi's rotations. */
function symmetricEigen(matrix: readonly (readonly number[])[]): { readonly values: readonly number[]; readonly vectors: readonly (readonly number[])[] } {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v: number[][] = matrix.map((_, i) => matrix.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let beside = 0;
    let on = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i === j) on += a[i][j] ** 2; else beside += a[i][j] ** 2;
    if (beside <= 1e-28 * on) break;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        for (let k = 0; k < n; k++) [v[k][p], v[k][q]] = [c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]];
      }
    }
  }
  const order = matrix.map((_, i) => i).sort((i, j) => a[j][j] - a[i][i]);
  return { values: order.map((i) => a[i][i]), vectors: order.map((i) => v.map((row) => row[i])) };
}
