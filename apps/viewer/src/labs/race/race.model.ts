import { bind, type Chain, type Elementwise, type Transformation } from '@gradstream/optimizers';
import { element, type Expr, toText, uniform } from '@gradstream/numerics';
import type { Path } from './place.ts';
import type { DescentSurface } from './surfaces.ts';

const far = 1e12;

/** Lets an optimizer descend from a place, in float64. */
export function descend(optimizer: Transformation, surface: Pick<DescentSurface, 'value' | 'gradient'>, start: readonly [number, number], steps: number): Path {
  const bound = bind(optimizer, [{ name: 'w', shape: [2], role: 'kernel' }], { executor: 'float64' });
  const gradient = (w: ArrayLike<number>) => new Map([['w', Float64Array.from(surface.gradient(w[0], w[1]))]]);
  const places = new Float64Array(2 * (steps + 1)).fill(NaN);
  const values = new Float64Array(steps + 1).fill(NaN);
  let w = Float64Array.from(start);
  try {
    for (let step = 0; step <= steps; step++) {
      // Methods that average or look ahead train other points than those they answer with.
      const [x, y] = bound.evaluationParams(new Map([['w', w]])).get('w')!;
      places.set([x, y], 2 * step);
      values[step] = surface.value(x, y);
      if (step === steps || !(Math.abs(w[0]) < far && Math.abs(w[1]) < far)) break;
      w = Float64Array.from(bound.update({ step, params: new Map([['w', w]]), gradients: gradient(w), gradientsAt: (params) => gradient(params.get('w')!), size: 1 }).get('w')!);
    }
  } finally {
    bound.close();
  }
  return { places, values };
}

/** The update rule of an optimizer, from its own expressions: one line for each slot, then the step. */
export function rulesOf(optimizer: Transformation): readonly string[] {
  if (optimizer.type === 'chain') return (optimizer as Chain).links.flatMap(rulesOf);
  if (optimizer.type !== 'elementwise') return [];
  const link = optimizer as Elementwise;
  const named = (names: Iterable<string>, make: (name: string) => Expr) => Object.fromEntries([...names].map((name) => [name, make(name)]));
  const scope = { g: element('g'), p: element('p'), t: uniform('t'), ...named([...Object.keys(link.hyper), ...Object.keys(link.scalars), ...Object.keys(link.constants)], uniform), ...named(Object.keys(link.slots), element) };
  const { g, ...slots } = link.update(scope);
  const known = new Map<Expr, string>();
  const text = (term: Expr | number) => (typeof term === 'number' ? String(term) : toText(term, known));
  const lines = Object.entries(slots).map(([name, term]) => {
    const line = `${name} ← ${text(term)}`;
    if (typeof term !== 'number') known.set(term, name);
    return line;
  });
  return [...lines, `g ← ${text(g)}`];
}
