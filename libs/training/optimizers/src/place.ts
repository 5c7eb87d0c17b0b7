import { InputError, type ParamInfo } from '@gradstream/numerics';
import { maskOf } from './mask.ts';
import type { Elementwise, Tensorwise, Transformation, Wrapper } from './transformation.ts';

/** A link in its place: the path its state is kept under, and the params it works on. */
export interface Placed<L> {
  readonly path: string;
  readonly link: L;
  readonly params: ReadonlySet<string>;
}

/** Links in the order they run: neighbouring element-wise ones form a segment. */
export type Stage =
  | { readonly type: 'segment'; readonly links: readonly Placed<Elementwise>[] }
  | ({ readonly type: 'tensorwise' } & Placed<Tensorwise>)
  | ({ readonly type: 'wrapper'; readonly inner: readonly Stage[] } & Placed<Wrapper>);

/** Resolves chains, masks and groups for the params of a run. Paths are unique: a second Adam becomes `scaleByAdam2`. */
export function place(transformation: Transformation, params: readonly ParamInfo[]): Stage[] {
  const taken = new Set<string>();
  const pathOf = (name: string): string => {
    let path = name;
    for (let n = 2; taken.has(path); n++) path = `${name}${n}`;
    taken.add(path);
    return path;
  };

  const walk = (each: Transformation, of: readonly ParamInfo[], prefix: string): Stage[] => {
    const placed = <L extends Elementwise | Tensorwise | Wrapper>(link: L): Placed<L> => ({ path: pathOf(prefix + link.name), link, params: new Set(of.map(({ name }) => name)) });
    switch (each.type) {
      case 'elementwise': return [{ type: 'segment', links: [placed(each)] }];
      case 'tensorwise': return [{ type: 'tensorwise', ...placed(each) }];
      case 'wrapper': return [{ type: 'wrapper', ...placed(each), inner: walk(each.inner, of, prefix) }];
      case 'chain': return merged(each.links.flatMap((link) => walk(link, of, prefix)));
      case 'masked': return walk(each.inner, of.filter(maskOf(each.mask)), prefix);
      case 'partition': {
        const members = new Map<string, ParamInfo[]>(Object.keys(each.groups).map((group) => [group, []]));
        for (const param of of) {
          const group = each.by(param);
          const found = members.get(group);
          if (!found) throw new InputError(`partition: '${param.name}' was put into group '${group}'; groups: ${[...members.keys()].join(', ')}`);
          found.push(param);
        }
        return merged(Object.entries(each.groups).flatMap(([group, inner]) => walk(inner, members.get(group)!, `${prefix}${group}.`)));
      }
    }
  };
  return walk(transformation, params, '');
}

/** Joins neighbouring segments. */
function merged(stages: readonly Stage[]): Stage[] {
  const joined: Stage[] = [];
  for (const stage of stages) {
    const last = joined.at(-1);
    if (last?.type === 'segment' && stage.type === 'segment') joined[joined.length - 1] = { type: 'segment', links: [...last.links, ...stage.links] };
    else joined.push(stage);
  }
  return joined;
}

/** Every link below some stages, wrapped ones included, in order. */
export const linksOf = (stages: readonly Stage[]): Placed<Elementwise | Tensorwise | Wrapper>[] =>
  stages.flatMap((stage) => (stage.type === 'segment' ? [...stage.links] : stage.type === 'wrapper' ? [stage, ...linksOf(stage.inner)] : [stage]));

