import { element, toText, uniform, type Expr, type Term } from '@gradstream/numerics';
import type { Elementwise, Transformation } from './transformation.ts';

/** The rule of one link of an optimizer as text. */
export interface Formula {
  readonly name: string;
  /** `m ← b1 · m + (1 − b1) · g`, one for each slot, then `g ← …`; none where the rule is no expression (reductions, wrappers). */
  readonly lines: readonly string[];
}

/** What an optimizer computes, link by link, printed from the expressions that are executed. `g` is what the link before handed on. */
export function formulasOf(optimizer: Transformation): readonly Formula[] {
  switch (optimizer.type) {
    case 'chain': return optimizer.links.flatMap(formulasOf);
    case 'partition': return Object.values(optimizer.groups).flatMap(formulasOf);
    case 'masked': return formulasOf(optimizer.inner);
    case 'wrapper': return [{ name: optimizer.name, lines: [] }, ...formulasOf(optimizer.inner)];
    case 'tensorwise': return [{ name: optimizer.name, lines: [] }];
    case 'elementwise': return [{ name: optimizer.name, lines: linesOf(optimizer) }];
  }
}

function linesOf(link: Elementwise): readonly string[] {
  const named = (names: Iterable<string>, make: (name: string) => Expr) => Object.fromEntries([...names].map((name) => [name, make(name)]));
  const scope = { g: element('g'), p: element('p'), t: uniform('t'), ...named([...Object.keys(link.hyper), ...Object.keys(link.scalars), ...Object.keys(link.constants)], uniform), ...named(Object.keys(link.slots), element) };
  const { g, ...slots } = link.update(scope);
  // A later line uses the names of those before.
  const known = new Map<Expr, string>();
  const text = (term: Term) => (typeof term === 'number' ? String(term) : toText(term, known));
  const lines = Object.entries(slots).map(([name, term]) => {
    const line = `${name} ← ${text(term)}`;
    if (typeof term !== 'number') known.set(term, name);
    return line;
  });
  return [...lines, `g ← ${text(g)}`];
}
