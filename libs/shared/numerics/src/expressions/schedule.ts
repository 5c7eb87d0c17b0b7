/**
 * Expressions as straight-line passes, the form that loops, SIMD code and shaders are made from.
 *
 * A *program* reads and writes arrays of one length by name. Its passes run in order; each is one loop over the elements:
 *
 *   registers  0 … u-1      uniforms, one float32 each, constant during the pass
 *              u … u+l-1    loads: the element of each named array
 *              then         one register per instruction, in order; an instruction reads earlier registers only
 *   stores     registers written to arrays (the same arrays may be loaded: in place, same index)
 *   sums       registers added up over the elements, in float64; the total is an input of later passes
 *
 * Every instruction is rounded to float32. `where` is a selection, comparisons with NaN are false, `max` and `min` hand NaN on.
 * Uniforms are computed on the host in float64 from the program's `inputs` (`pass.evaluate`) and rounded once.
 * Only the last pass stores. A sum is added in four lanes (element index mod 4), joined as (s0 + s1) + (s2 + s3), so that
 * every executor gets the same bits. Sums `over: 'all'` are added up over all programs that have a sum of the same key
 * before any of their next passes runs (`kernelSegment` in the optimizers is such a driver).
 */
import { constant, gt, mul, topological, where, type BinaryOp, type Expr, type SumOver, type Test, type UnaryOp } from './nodes.ts';
import { BINARY, TEST, UNARY } from './scalar.ts';

export type Instruction =
  | { readonly op: 'neg' | 'abs' | 'sqrt'; readonly a: number }
  | { readonly op: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min'; readonly a: number; readonly b: number }
  | { readonly op: 'where'; readonly test: Test; readonly a: number; readonly b: number; readonly then: number; readonly otherwise: number };

/** A number made of all elements. */
export interface SumOutput {
  /** Its name among the program's inputs. */
  readonly key: string;
  readonly over: SumOver;
  readonly register: number;
}

/** The part of a pass that decides its code: two passes of equal structure share a kernel. */
export interface PassCode {
  /** How many uniforms: registers 0 … uniforms - 1. */
  readonly uniforms: number;
  /** Arrays loaded, by index into the program's arrays. */
  readonly loads: readonly number[];
  readonly code: readonly Instruction[];
  readonly stores: readonly { readonly array: number; readonly register: number }[];
  readonly sums: readonly SumOutput[];
}

export interface Pass extends PassCode {
  /** Uniform values, from the values of `Program.inputs`. Writes `uniforms` numbers into `out`. */
  evaluate(inputs: ArrayLike<number>, out: Float32Array | Float64Array): void;
}

export interface Program {
  /** Arrays by name, loaded or stored. */
  readonly arrays: readonly string[];
  /** Numbers that the host knows before a pass: uniforms by name, and the totals of earlier passes by key. */
  readonly inputs: readonly string[];
  /** One entry per level; a level at which this program has nothing to do is null. */
  readonly passes: readonly (Pass | null)[];
  /** Numbers kept from update to update, by name. */
  readonly scalars: readonly string[];
  /** Their new values, after the last pass. */
  evaluateScalars(inputs: ArrayLike<number>, out: Float64Array): void;
}

export interface ScheduleOptions {
  /** Name of a sum among the inputs, and the earliest pass it may run in. Sums over all tensors must be named alike everywhere. */
  readonly sumKey?: (sum: Expr) => { readonly key: string; readonly level: number } | undefined;
}

/**
 * Orders expressions into passes: common subexpressions once, uniforms apart, a new pass behind every sum.
 *
 * @param outputs what each array is to hold, by name
 * @param scalars uniform expressions kept from update to update, by name
 */
export function schedule(outputs: Readonly<Record<string, Expr>>, scalars: Readonly<Record<string, Expr>> = {}, options: ScheduleOptions = {}): Program {
  const canonical = canonicalize([...Object.values(outputs), ...Object.values(scalars)], (sum) => options.sumKey?.(sum)?.key);
  const roots = Object.entries(outputs).map(([name, expr]) => [name, canonical(expr)] as const);
  const kept = Object.entries(scalars).map(([name, expr]) => [name, canonical(expr)] as const);
  const all = topological([...roots, ...kept].map(([, expr]) => expr));

  const sums = all.filter((expr) => expr.op === 'sum');
  const named = new Map(sums.map((expr, i) => {
    const given = options.sumKey?.(canonical.original(expr));
    return [expr as Expr, { key: given?.key ?? `sum${i}`, level: given?.level ?? 0 }] as const;
  }));
  const level = passLevels(all, (expr) => named.get(expr)!.level);
  const depth = Math.max(0, ...[...roots, ...kept].map(([, expr]) => level.get(expr)!));

  const arrays = [...new Set([...all.flatMap((expr) => (expr.op === 'element' ? [expr.name] : [])), ...roots.map(([name]) => name)])];
  const inputs = [...new Set([...all.flatMap((expr) => (expr.op === 'uniform' ? [expr.name] : [])), ...sums.map((expr) => named.get(expr)!.key)])];
  const inputOf = (expr: Expr): number => inputs.indexOf(expr.op === 'sum' ? named.get(expr)!.key : (expr as { name: string }).name);

  const passes = Array.from({ length: depth + 1 }, (_, k): Pass | null => {
    const here = sums.filter((expr) => level.get(expr)! === k + 1);
    const stored = k === depth ? roots : [];
    if (here.length === 0 && stored.length === 0) return null;
    return pass(arrays, inputOf, stored, here.map((expr) => ({ expr: expr.args[0], over: (expr as { over: SumOver }).over, key: named.get(expr)!.key })));
  });
  return { arrays, inputs, passes, scalars: kept.map(([name]) => name), evaluateScalars: hostProgram(kept.map(([, expr]) => expr), inputOf) };
}

/** Gives equal subexpressions one node, and writes `sign` and `square` of elements in operations that kernels have. */
function canonicalize(roots: readonly Expr[], sumKey: (sum: Expr) => string | undefined): { (expr: Expr): Expr; original(expr: Expr): Expr } {
  const interned = new Map<string, Expr>();
  const number = new Map<Expr, number>();
  const canonical = new Map<Expr, Expr>();
  const originals = new Map<Expr, Expr>();
  const intern = (expr: Expr, shared?: string): Expr => {
    const { op, value, name, test, over } = expr as { op: string; value?: number; name?: string; test?: string; over?: string };
    const key = [op, Object.is(value, -0) ? '-0' : value, name, test, over, shared, ...expr.args.map((arg) => number.get(arg))].join('|');
    let known = interned.get(key);
    if (!known) {
      interned.set(key, (known = expr));
      number.set(known, number.size);
    }
    return known;
  };
  const lowered = (expr: Expr): Expr => {
    if (expr.uniform || expr.args.length === 0) return intern(expr);
    const x = expr.args[0]!;
    if (expr.op === 'where' && x.uniform && expr.args[1].uniform) {
      // What uniforms decide is decided in float64, before they are rounded.
      const [zero, one] = [0, 1].map((value) => intern(constant(value)));
      const decided = intern({ ...expr, args: [x, expr.args[1], one, zero], uniform: true });
      return intern(where(gt(decided, zero), expr.args[2], expr.args[3]));
    }
    if (expr.op === 'square') return intern(mul(x, x));
    if (expr.op !== 'sign') return intern(expr);
    const [zero, one, minusOne] = [0, 1, -1].map((value) => intern(constant(value)));
    return intern(where(gt(x, zero), one, intern(where(gt(zero, x), minusOne, x))));
  };
  for (const expr of topological(roots)) {
    const renewed = { ...expr, args: expr.args.map((arg) => canonical.get(arg)!) } as unknown as Expr;
    const known = expr.op === 'sum' ? intern(renewed, sumKey(expr)) : lowered(renewed);
    canonical.set(expr, known);
    originals.set(known, expr);
  }
  return Object.assign((expr: Expr) => canonical.get(expr)!, { original: (expr: Expr) => originals.get(expr)! });
}

/** The pass after which each node's value is known: sums cost one. */
export function passLevels(order: readonly Expr[], earliest: (sum: Expr) => number): Map<Expr, number> {
  const level = new Map<Expr, number>();
  for (const expr of order) {
    const below = Math.max(0, ...expr.args.map((arg) => level.get(arg)!));
    level.set(expr, expr.op === 'sum' ? Math.max(below, earliest(expr)) + 1 : below);
  }
  return level;
}

/** One loop: what is stored and summed, and all that it takes. */
function pass(
  arrays: readonly string[],
  inputOf: (expr: Expr) => number,
  stored: readonly (readonly [string, Expr])[],
  summed: readonly { readonly expr: Expr; readonly over: SumOver; readonly key: string }[],
): Pass {
  const wanted = [...stored.map(([, expr]) => expr), ...summed.map(({ expr }) => expr)];
  const order = untilUniforms(wanted);
  const hosted = order.filter((expr) => expr.uniform);
  const loaded = order.filter((expr) => expr.op === 'element');
  const register = new Map<Expr, number>([...hosted, ...loaded].map((expr, i) => [expr, i]));
  const code: Instruction[] = [];
  const emit = (next: Instruction): number => hosted.length + loaded.length + code.push(next) - 1;
  for (const expr of order) if (!register.has(expr)) register.set(expr, emit(instruction(expr, expr.args.map((arg) => register.get(arg)!))));
  return {
    uniforms: hosted.length,
    loads: loaded.map((expr) => arrays.indexOf((expr as { name: string }).name)),
    code,
    stores: stored.map(([name, expr]) => ({ array: arrays.indexOf(name), register: register.get(expr)! })),
    sums: summed.map(({ expr, over, key }) => ({ key, over, register: register.get(expr)! })),
    evaluate: hostProgram(hosted, inputOf),
  };
}

function instruction(expr: Expr, [a, b, then, otherwise]: readonly number[]): Instruction {
  if (expr.op === 'where') return { op: 'where', test: expr.test, a, b, then, otherwise };
  if (expr.args.length === 1) return { op: expr.op as 'neg' | 'abs' | 'sqrt', a };
  return { op: expr.op as 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min', a, b };
}

/** Nodes in order, arguments first, stopping at uniforms: what stands below them is the host's. */
function untilUniforms(roots: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (!expr.uniform) expr.args.forEach(visit);
    order.push(expr);
  };
  roots.forEach(visit);
  return order;
}

/** Evaluates uniform expressions in float64, each node once; sums and uniforms are read from the inputs. */
function hostProgram(roots: readonly Expr[], inputOf: (expr: Expr) => number): (inputs: ArrayLike<number>, out: Float32Array | Float64Array) => void {
  const order: Expr[] = [];
  const place = new Map<Expr, number>();
  const visit = (expr: Expr): void => {
    if (place.has(expr)) return;
    if (expr.op !== 'sum') expr.args.forEach(visit);
    place.set(expr, order.push(expr) - 1);
  };
  roots.forEach(visit);
  const values = new Float64Array(order.length);
  const steps = order.flatMap((expr, i) => {
    if (expr.op !== 'constant') return [hostStep(expr, expr.op === 'sum' ? [] : expr.args.map((arg) => place.get(arg)!), values, i, inputOf)];
    values[i] = expr.value;
    return [];
  });
  const results = roots.map((expr) => place.get(expr)!);
  return (inputs, out) => {
    for (const step of steps) step(inputs);
    for (let i = 0; i < results.length; i++) out[i] = values[results[i]];
  };
}

function hostStep(expr: Expr, [a, b, c, d]: readonly number[], values: Float64Array, i: number, inputOf: (expr: Expr) => number): (inputs: ArrayLike<number>) => void {
  switch (expr.op) {
    case 'constant':
    case 'element': throw new Error(`schedule: '${(expr as { name?: string }).name ?? expr.op}' is no uniform`);
    case 'uniform':
    case 'sum': {
      const input = inputOf(expr);
      return (inputs) => void (values[i] = inputs[input]);
    }
    case 'where': {
      const test = TEST[expr.test];
      return () => void (values[i] = test(values[a], values[b]) ? values[c] : values[d]);
    }
    default: {
      if (expr.args.length === 1) {
        const operation = UNARY[expr.op as UnaryOp];
        return () => void (values[i] = operation(values[a]));
      }
      const operation = BINARY[expr.op as BinaryOp];
      return () => void (values[i] = operation(values[a], values[b]));
    }
  }
}
