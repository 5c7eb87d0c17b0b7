/**
 * Expressions over scalars: how an element-wise rule is written once, and then evaluated in float64, compiled to a loop,
 * lowered to tensor operations, or printed.
 *
 *   const m = add(mul(b1, m), mul(sub(1, b1), g));
 *
 * A node that depends on no element is *uniform*: it is worth one number, which the host evaluates in float64.
 * Element operations are those IEEE 754 rounds correctly (and selections), so that every float32 executor agrees bit for bit;
 * `pow`, `exp`, `log`, `floor`, `fround` and `mod` are for uniforms only. `sum` is the seam: it makes one number of all elements,
 * which is a uniform of the next pass. Nodes are immutable and may be shared.
 */
import { InputError } from '../errors.ts';

export type UnaryOp = 'neg' | 'abs' | 'sqrt' | 'square' | 'sign' | 'exp' | 'log' | 'floor' | 'fround';
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'pow' | 'mod';
/** What `where` asks of its first two operands; false where either is NaN. */
export type Test = 'gt' | 'ge' | 'eq';
/** Whether a sum goes over one tensor or over all tensors of an update. */
export type SumOver = 'tensor' | 'all';

export type Expr =
  | { readonly op: 'constant'; readonly value: number; readonly args: readonly []; readonly uniform: true }
  /** One element of the array of that name: `g`, `p`, or a slot. */
  | { readonly op: 'element'; readonly name: string; readonly args: readonly []; readonly uniform: false }
  /** One number known before the pass: a hyper-parameter, the count of updates. */
  | { readonly op: 'uniform'; readonly name: string; readonly args: readonly []; readonly uniform: true }
  | { readonly op: UnaryOp; readonly args: readonly [Expr]; readonly uniform: boolean }
  | { readonly op: BinaryOp; readonly args: readonly [Expr, Expr]; readonly uniform: boolean }
  /** `args[0] test args[1] ? args[2] : args[3]`. */
  | { readonly op: 'where'; readonly test: Test; readonly args: readonly [Expr, Expr, Expr, Expr]; readonly uniform: boolean }
  | { readonly op: 'sum'; readonly over: SumOver; readonly args: readonly [Expr]; readonly uniform: true };

/** An expression, or a number that stands for one. */
export type Term = Expr | number;

/** A comparison; only `where` takes it. */
export interface Condition {
  readonly test: Test;
  readonly left: Term;
  readonly right: Term;
}

const UNIFORM_ONLY: ReadonlySet<string> = new Set(['pow', 'mod', 'exp', 'log', 'floor', 'fround']);

export const constant = (value: number): Expr => ({ op: 'constant', value, args: [], uniform: true });
export const element = (name: string): Expr => ({ op: 'element', name, args: [], uniform: false });
export const uniform = (name: string): Expr => ({ op: 'uniform', name, args: [], uniform: true });

const node = (term: Term): Expr => (typeof term === 'number' ? constant(term) : term);

function checkUniform(op: string, uniform: boolean): boolean {
  if (!uniform && UNIFORM_ONLY.has(op)) throw new InputError(`${op}: takes uniforms only (its rounding differs between executors), received an element`);
  return uniform;
}

const unary = (op: UnaryOp) => (a: Term): Expr => {
  const x = node(a);
  return { op, args: [x], uniform: checkUniform(op, x.uniform) };
};

const binary = (op: BinaryOp) => (a: Term, b: Term): Expr => {
  const x = node(a);
  const y = node(b);
  return { op, args: [x, y], uniform: checkUniform(op, x.uniform && y.uniform) };
};

export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
/** The larger one; NaN where either is NaN. */
export const max = binary('max');
/** The smaller one; NaN where either is NaN. */
export const min = binary('min');
/** Uniforms only. */
export const pow = binary('pow');
/** The remainder of whole numbers, at least 0. Uniforms only. */
export const mod = binary('mod');
export const neg = unary('neg');
export const abs = unary('abs');
export const sqrt = unary('sqrt');
export const square = unary('square');
/** 1, -1, or the argument itself where it is 0 or NaN. */
export const sign = unary('sign');
/** Uniforms only. */
export const exp = unary('exp');
/** Natural logarithm. Uniforms only. */
export const log = unary('log');
/** Uniforms only. */
export const floor = unary('floor');
/** The nearest float32. Uniforms only. */
export const fround = unary('fround');

export const gt = (left: Term, right: Term): Condition => ({ test: 'gt', left, right });
export const ge = (left: Term, right: Term): Condition => ({ test: 'ge', left, right });
export const lt = (left: Term, right: Term): Condition => ({ test: 'gt', left: right, right: left });
export const le = (left: Term, right: Term): Condition => ({ test: 'ge', left: right, right: left });
export const eq = (left: Term, right: Term): Condition => ({ test: 'eq', left, right });

/** Neither NaN nor infinite, in float32. */
export const isFinite = (a: Term): Condition => le(abs(a), 3.4028234663852886e38);

/** A real selection: what is not chosen has no influence, NaN included. */
export function where({ test, left, right }: Condition, then: Term, otherwise: Term): Expr {
  const args = [node(left), node(right), node(then), node(otherwise)] as const;
  return { op: 'where', test, args, uniform: args.every((x) => x.uniform) };
}

/** The sum over all elements of one tensor, or of all tensors of the update: a uniform of the next pass. */
export const sum = (a: Term, over: SumOver): Expr => ({ op: 'sum', over, args: [node(a)], uniform: true });

/** Within [low, high]; NaN stays NaN. */
export const clamp = (a: Term, low: Term, high: Term): Expr => max(low, min(high, a));

const TINY = 1e-27;

/**
 * Drops, in float32, what is smaller than about 5e-35: decaying state would otherwise stick at denormal numbers, which take a
 * hundred times as long to compute with. Numbers above 1e-27 are handed on as they are, NaN and infinity included.
 */
export const flush = (a: Term): Expr => sub(add(a, TINY), TINY);

/** All nodes under the roots, each once, arguments first. */
export function topological(roots: Iterable<Expr>): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    expr.args.forEach(visit);
    order.push(expr);
  };
  for (const root of roots) visit(root);
  return order;
}
