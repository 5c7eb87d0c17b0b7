import { evaluator, sizeOf, type Algebra, type Expr, type Frame, type ParamInfo } from '@gradstream/numerics';
import type { Executor, LinkState, Segment, SegmentInput } from './executor.ts';
import type { ParamClass } from './fuse.ts';

/** Runs a segment by reading its expressions: each param has an evaluator, and a sum over all tensors asks them all. */
export function directSegment<A>(classes: readonly ParamClass[], state: LinkState<A>, apply: boolean, algebra: Algebra<A>, { ops, assign, shaped, write }: Pick<Executor<A>, 'ops' | 'assign' | 'shaped' | 'write'>): Segment<A> {
  const parts = keyedSums(classes);
  const output = apply ? 'p' : 'u';

  return (input) => {
    const members = classes.flatMap(({ params, ...each }) => params.filter(({ name }) => input.updates.has(name)).map((param) => ({ ...each, param })));
    const values = new Map<string, (expr: Expr) => A | number>();
    const totals = new Map<string, A | number>();
    const total = (key: string): A | number => {
      let known = totals.get(key);
      if (known === undefined) totals.set(key, (known = addUp(parts.get(key)!, values, algebra)));
      return known;
    };
    for (const { param, sums } of members) values.set(param.name, evaluator(algebra, frameOf(param, input, state, (sum) => total(sums.get(sum)!.key))));

    const arrayOf = ({ name, shape }: ParamInfo, expr: Expr): A => {
      const value = values.get(name)!(expr);
      return typeof value === 'number' ? shaped(ops.full(sizeOf(shape), value), shape) : value;
    };
    // Everything is computed before anything is written: expressions read the old values.
    const results = members.map(({ param, outputs, scalars }) => ({
      param,
      arrays: Object.entries(outputs).map(([name, expr]) => [name, arrayOf(param, expr)] as const),
      numbers: Object.entries(scalars).map(([name, expr]) => [name, values.get(param.name)!(expr) as number] as const),
    }));
    const updated = new Map<string, A>();
    for (const { param: { name }, arrays, numbers } of results) {
      for (const [array, next] of arrays) {
        const key = `${array}/${name}`;
        if (array !== output) state.slots.set(key, assign(state.slots.get(key)!, next));
        else updated.set(name, apply ? write(input.params.get(name)!, next) : next);
      }
      for (const [scalar, next] of numbers) state.scalars.set(`${scalar}/${name}`, next);
    }
    return updated;
  };
}

interface Part {
  readonly param: ParamInfo;
  readonly sum: Expr;
}

function addUp<A>(parts: readonly Part[], values: ReadonlyMap<string, (expr: Expr) => A | number>, algebra: Algebra<A>): A | number {
  return parts
    .filter(({ param }) => values.has(param.name))
    .map(({ param, sum }) => algebra.sum(values.get(param.name)!(sum.args[0]!), sizeOf(param.shape)))
    .reduce((a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : algebra.binary('add', a, b)));
}

/** Every sum over all tensors, by key: the expression of each param that takes part. */
function keyedSums(classes: readonly ParamClass[]): Map<string, Part[]> {
  const byKey = new Map<string, Part[]>();
  for (const { params, sums } of classes) {
    for (const [sum, { key }] of sums) byKey.set(key, [...(byKey.get(key) ?? []), ...params.map((param) => ({ param, sum }))]);
  }
  return byKey;
}

function frameOf<A>({ name, shape }: ParamInfo, { updates, params, count, hyper }: SegmentInput<A>, { slots, scalars, constants }: LinkState<A>, total: (sum: Expr) => A | number): Frame<A> {
  return {
    size: sizeOf(shape),
    element: (array) => (array === 'g' ? updates.get(name)! : array === 'p' ? params.get(name)! : slots.get(`${array}/${name}`)!),
    uniform: (input) => (input === 't' ? count(name) : hyper[input] ?? scalars.get(`${input}/${name}`) ?? constants.get(`${input}/${name}`)!),
    total,
  };
}
