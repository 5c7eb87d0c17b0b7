/**
 * Expressions read directly, node by node, by an algebra that says what an operation does to its values. Two algebras
 * stand: `float64` here, the reference of all executors, and tensors in `tf.ts`. Nothing here knows the scheduler.
 *
 * A value is a number as long as it depends on no array: what numbers alone decide is computed in float64.
 */
import type { BinaryOp, Expr, Test, UnaryOp } from './nodes.ts';
import { BINARY, TEST, UNARY } from './scalar.ts';

/** What operations do to values of which at least one is an array (or a number on the way to one). */
export interface Algebra<A> {
  unary(op: UnaryOp, a: A): A;
  binary(op: BinaryOp, a: A | number, b: A | number): A;
  where(test: Test, a: A | number, b: A | number, then: A | number, otherwise: A | number): A;
  /** The sum of the elements. */
  sum(a: A | number, size: number): A | number;
}

/** One tensor's view of an update. */
export interface Frame<A> {
  /** Number of elements. */
  readonly size: number;
  element(name: string): A;
  uniform(name: string): number;
  /** The value of a sum over all tensors, where this frame knows it. */
  total?(sum: Expr): A | number;
}

/** Evaluates expressions for one tensor; each node once. */
export function evaluator<A>(algebra: Algebra<A>, frame: Frame<A>): (expr: Expr) => A | number {
  const known = new Map<Expr, A | number>();
  const value = (expr: Expr): A | number => {
    let found = known.get(expr);
    if (found === undefined) known.set(expr, (found = compute(expr)));
    return found;
  };
  const compute = (expr: Expr): A | number => {
    switch (expr.op) {
      case 'constant': return expr.value;
      case 'element': return frame.element(expr.name);
      case 'uniform': return frame.uniform(expr.name);
      case 'sum': return expr.over === 'all' && frame.total ? frame.total(expr) : algebra.sum(value(expr.args[0]), frame.size);
      case 'where': {
        const a = value(expr.args[0]);
        const b = value(expr.args[1]);
        if (typeof a === 'number' && typeof b === 'number') return value(TEST[expr.test](a, b) ? expr.args[2] : expr.args[3]);
        return algebra.where(expr.test, a, b, value(expr.args[2]), value(expr.args[3]));
      }
      default: {
        const a = value(expr.args[0]);
        if (expr.args.length === 1) return typeof a === 'number' ? UNARY[expr.op as UnaryOp](a) : algebra.unary(expr.op as UnaryOp, a);
        const b = value(expr.args[1]);
        return typeof a === 'number' && typeof b === 'number' ? BINARY[expr.op as BinaryOp](a, b) : algebra.binary(expr.op as BinaryOp, a, b);
      }
    }
  };
  return value;
}

const at = (values: Float64Array | number, i: number): number => (typeof values === 'number' ? values : values[i]);
const lengthOf = (...values: readonly (Float64Array | number)[]): number => values.reduce<number>((n, v) => (typeof v === 'number' ? n : v.length), 0);

/** Arrays in float64. */
export const float64: Algebra<Float64Array> = {
  unary: (op, a) => a.map(UNARY[op]),
  binary: (op, a, b) => Float64Array.from({ length: lengthOf(a, b) }, (_, i) => BINARY[op](at(a, i), at(b, i))),
  where: (test, a, b, then, otherwise) =>
    Float64Array.from({ length: lengthOf(a, b, then, otherwise) }, (_, i) => (TEST[test](at(a, i), at(b, i)) ? at(then, i) : at(otherwise, i))),
  sum: (a, size) => (typeof a === 'number' ? a * size : a.reduce((total, x) => total + x, 0)),
};
