import { element, topological, type Expr } from '@gradstream/numerics';
import type { ParamClass } from '@gradstream/optimizers';

/** Expressions of a class with each sum in them read as an array of one number, so that it need not come to the host. */
export interface WithoutSums {
  readonly outputs: Readonly<Record<string, Expr>>;
  readonly scalars: Readonly<Record<string, Expr>>;
  /** What is summed, by the name of the array that stands for it. */
  readonly sums: ReadonlyMap<string, { readonly over: 'tensor' | 'all'; readonly of: Expr }>;
}

/** Operations that only the host computes exactly. */
const HOST_ONLY: ReadonlySet<string> = new Set(['pow', 'mod', 'exp', 'log', 'floor', 'fround']);

/** Takes the sums out; undefined where the host would need one of them. */
export function withoutSums({ outputs, scalars, sums }: Pick<ParamClass, 'outputs' | 'scalars' | 'sums'>): WithoutSums | undefined {
  const taken = new Map<string, { over: 'tensor' | 'all'; of: Expr }>();
  const renewed = new Map<Expr, Expr>();
  for (const expr of topological([...Object.values(outputs), ...Object.values(scalars)])) {
    const args = expr.args.map((arg) => renewed.get(arg)!);
    if (expr.op === 'sum') {
      const key = `#${sums.get(expr)?.key ?? `${taken.size} of this tensor`}`;
      taken.set(key, { over: expr.over, of: args[0] });
      renewed.set(expr, element(key));
      continue;
    }
    const uniform = expr.args.length === 0 ? expr.uniform : args.every((arg) => arg.uniform);
    if (!uniform && HOST_ONLY.has(expr.op)) return undefined;
    renewed.set(expr, expr.args.length === 0 ? expr : ({ ...expr, args, uniform } as unknown as Expr));
  }
  const all = (exprs: Readonly<Record<string, Expr>>) => Object.fromEntries(Object.entries(exprs).map(([name, expr]) => [name, renewed.get(expr)!]));
  const kept = all(scalars);
  return Object.values(kept).every(({ uniform }) => uniform) ? { outputs: all(outputs), scalars: kept, sums: taken } : undefined;
}
