/**
 * The nearest (semi-)orthogonal matrix, by Newton-Schulz iterations with the coefficients of Jordan et al. 2024,
 * "Muon: An optimizer for hidden layers in neural networks", https://kellerjordan.github.io/posts/muon/
 *
 *   X = g / (‖g‖ + eps)        five times: A = X·Xᵀ, X ← a·X + (b·A + c·A²)·X        a, b, c = 3.4445, −4.7750, 2.0315
 *
 * Singular values end in about [0.7, 1.2], not at 1: the coefficients trade exactness for speed. Scaled by √max(1, rows/columns).
 */
import { add, boolean, div, element, InputError, mul, nonNegative, positiveInteger, sqrt, square, uniform } from '@gradstream/numerics';
import type { ArrayOps } from '../arrays.ts';
import { link, tensorwise, type Tensorwise } from '../transformation.ts';

export interface OrthogonalizeOptions {
  /** Iterations. Default 5. */
  readonly steps?: number;
  /** Added to the norm, at least 0. Default 1e-7. */
  readonly eps?: number;
  /** Multiplies by √max(1, rows/columns). Default true. */
  readonly scaled?: boolean;
}

const COEFFICIENTS = { a: 3.4445, b: -4.775, c: 2.0315 };

const [g, total, x, y] = ['g', 'total', 'x', 'y'].map(element);
const squared = square(g);
const normalized = div(g, add(sqrt(total), uniform('eps')));
const combined = add(mul(uniform('s'), x), mul(uniform('t'), y));
const scaledBy = mul(uniform('s'), x);

/** Replaces the updates of a matrix by a nearly orthogonal one; tensors of other ranks are refused. */
export const orthogonalize = link<OrthogonalizeOptions, Tensorwise>('orthogonalize', { steps: positiveInteger, eps: nonNegative, scaled: boolean }, ({ steps = 5, eps = 1e-7, scaled = true }) =>
  tensorwise('orthogonalize', {
    hyper: {},
    slots: ({ name, shape }) => {
      if (shape.length !== 2) throw new InputError(`orthogonalize: '${name}' must be a matrix, its shape is [${shape}]`);
      return {};
    },
    update: ({ ops, param: { shape: [rows, columns] }, g }) => {
      const direction = newtonSchulz(ops, g, rows, columns, steps, eps);
      return { g: scaled ? ops.map(scaledBy, { x: direction }, { s: Math.sqrt(Math.max(1, rows / columns)) }) : direction };
    },
  }));

/** The iterations, on the smaller side: X·Xᵀ for wide matrices, Xᵀ·X for tall ones. */
function newtonSchulz<A>(ops: ArrayOps<A>, g: A, rows: number, columns: number, steps: number, eps: number): A {
  const { a, b, c } = COEFFICIENTS;
  const size = rows * columns;
  const total = ops.spread(ops.sumMiddle(ops.map(squared, { g }), [1, size, 1]), [1, size, 1]);
  const tall = rows > columns;
  const side = Math.min(rows, columns);
  let x = ops.map(normalized, { g, total }, { eps });
  for (let i = 0; i < steps; i++) {
    const gram = tall ? ops.matMul(x, x, { m: side, k: rows, n: side, transposeA: true }) : ops.matMul(x, x, { m: side, k: columns, n: side, transposeB: true });
    const polynomial = ops.map(combined, { x: gram, y: ops.matMul(gram, gram, { m: side, k: side, n: side }) }, { s: b, t: c });
    const product = tall ? ops.matMul(x, polynomial, { m: rows, k: side, n: side }) : ops.matMul(polynomial, x, { m: side, k: side, n: columns });
    x = ops.map(combined, { x, y: product }, { s: a, t: 1 });
  }
  return x;
}
