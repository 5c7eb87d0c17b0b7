/**
 * Neighbouring element-wise links as one expression per array. Params that the same links work on form a *class* and share
 * a program; a sum over all tensors joins the classes, so its level is agreed between them.
 */
import { add, constant, element, flush, passLevels, schedule, topological, uniform, type Expr, type ParamInfo, type Program, type Term } from '@gradstream/numerics';
import type { Placed } from './place.ts';
import type { Elementwise, Scope } from './transformation.ts';

/** The params of a segment that the same links work on. */
export interface ParamClass {
  readonly params: readonly ParamInfo[];
  readonly links: readonly Placed<Elementwise>[];
  /** What each array is to hold: `p` or `u` (the updates), and slots as `<path>/<slot>`. */
  readonly outputs: Readonly<Record<string, Expr>>;
  /** New values of scalars, as `<path>/<scalar>`. */
  readonly scalars: Readonly<Record<string, Expr>>;
  /** Sums over all tensors: the key that joins the classes, and the pass they run in. */
  readonly sums: ReadonlyMap<Expr, { readonly key: string; readonly level: number }>;
}

/**
 * Fuses a segment.
 *
 * @param apply whether the updates are added to the params (`p`), or handed on (`u`)
 */
export function fuse(links: readonly Placed<Elementwise>[], params: readonly ParamInfo[], apply: boolean): ParamClass[] {
  const byLinks = new Map<string, ParamInfo[]>();
  for (const param of params) {
    const signature = links.map(({ params: active }) => (active.has(param.name) ? '1' : '0')).join('');
    byLinks.set(signature, [...(byLinks.get(signature) ?? []), param]);
  }
  const composed = [...byLinks].map(([signature, members]) => ({ params: members, ...compose(links.filter((_, i) => signature[i] === '1'), apply) }));
  const level = agreeLevels(links, composed.map(({ sums }) => sums));
  return composed.map(({ sums, ...each }) => ({ ...each, sums: new Map([...sums].map(([sum, { key }]) => [sum, { key, level: level.get(key)! }])) }));
}

/** The program of a class: its passes, as kernels are made from. */
export const programOf = ({ outputs, scalars, sums }: ParamClass): Program => schedule(outputs, scalars, { sumKey: (sum) => sums.get(sum) });

type Sums = ReadonlyMap<Expr, { readonly key: string; readonly path: string }>;

function compose(links: readonly Placed<Elementwise>[], apply: boolean): Pick<ParamClass, 'links' | 'outputs' | 'scalars'> & { readonly sums: Sums } {
  const p = element('p');
  const outputs: Record<string, Expr> = {};
  const scalars: Record<string, Expr> = {};
  const sums = new Map<Expr, { key: string; path: string }>();
  let g: Expr = element('g');
  for (const { path, link } of links) {
    const updated = link.update(scopeOf(path, link, g, p));
    g = term(updated.g);
    for (const slot of Object.keys(link.slots)) if (updated[slot] !== undefined) outputs[`${path}/${slot}`] = flush(term(updated[slot]));
    for (const scalar of Object.keys(link.scalars)) if (updated[scalar] !== undefined) scalars[`${path}/${scalar}`] = term(updated[scalar]);
    let n = 0;
    for (const each of topological(Object.values(updated).map(term))) {
      if (each.op === 'sum' && each.over === 'all' && !sums.has(each)) sums.set(each, { key: `${path}#${n++}`, path });
    }
  }
  outputs[apply ? 'p' : 'u'] = apply ? add(p, g) : g;
  return { links, outputs, scalars, sums };
}

/** The names of a link, in its place. */
export function scopeOf(path: string, link: Elementwise, g: Expr, p: Expr): Scope<string> {
  const named = (names: Iterable<string>, make: (name: string) => Expr): [string, Expr][] => [...names].map((name) => [name, make(name)]);
  const numbers = [...Object.keys(link.hyper), ...Object.keys(link.scalars), ...Object.keys(link.constants)];
  return Object.fromEntries([
    ['g', g], ['p', p], ['t', uniform('t')],
    ...named(numbers, (name) => uniform(`${path}/${name}`)),
    ...named(Object.keys(link.slots), (slot) => element(`${path}/${slot}`)),
  ]) as Scope<string>;
}

/** The pass of each sum over all tensors: the latest that any class needs. Links run in order, so one sweep settles it. */
function agreeLevels(links: readonly Placed<Elementwise>[], classes: readonly Sums[]): Map<string, number> {
  const level = new Map<string, number>();
  for (const { path } of links) {
    const needed = classes.flatMap((sums) => {
      const own = [...sums].filter(([, known]) => known.path === path);
      const levels = passLevels(topological(own.map(([sum]) => sum)), (sum) => level.get(sums.get(sum)?.key ?? '') ?? 0);
      return own.map(([sum, { key }]) => [key, levels.get(sum)! - 1] as const);
    });
    for (const [key, pass] of needed) level.set(key, Math.max(level.get(key) ?? 0, pass));
  }
  return level;
}

const term = (x: Term): Expr => (typeof x === 'number' ? constant(x) : x);
