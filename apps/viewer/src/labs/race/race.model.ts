import { bind, type Transformation } from '@gradstream/optimizers';
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
