/**
 * Filter-normalised directions: Li, Xu, Taylor, Studer, Goldstein 2018, "Visualizing the Loss Landscape of Neural Nets", section 4,
 * https://arxiv.org/abs/1712.09913
 *
 *   d ← d / ‖d‖ · ‖w‖, filter by filter: what one unit or channel of the next layer receives
 *
 * so that a slice does not look flat merely because a layer's weights are large. Biases and norm parameters stay where they are.
 */
import { fold, normals, sizeOf, type Key, type ParamInfo } from '@gradstream/numerics';
import type { ModelSurface, Point } from './surface.ts';

/** A random direction with each kernel's filters as long as those of the point. */
export function filterNormalizedDirection({ params, size }: { readonly params: readonly ParamInfo[]; readonly size: number }, at: Point, from: Key): Float64Array {
  const direction = new Float64Array(size);
  let start = 0;
  for (const { name, shape, role } of params) {
    const count = sizeOf(shape);
    if (role === 'kernel') {
      const drawn = normals(fold(from, name), count);
      // The last axis counts the units or channels that a kernel feeds.
      const filters = shape.at(-1)!;
      for (let filter = 0; filter < filters; filter++) {
        let [own, other] = [0, 0];
        for (let i = filter; i < count; i += filters) {
          own += at[start + i] ** 2;
          other += drawn[i] ** 2;
        }
        const scale = other === 0 ? 0 : Math.sqrt(own / other);
        for (let i = filter; i < count; i += filters) direction[start + i] = drawn[i] * scale;
      }
    }
    start += count;
  }
  return direction;
}

/** Losses at `at + α · d` for a filter-normalised direction. */
export function lossOnSlice(surface: ModelSurface, at: Point, alphas: readonly number[], from: Key): number[] {
  const direction = filterNormalizedDirection(surface, at, from);
  return alphas.map((alpha) => surface.loss(Float64Array.from(at, (x, i) => x + alpha * direction[i])));
}

/** Losses on the plane of two such directions, row by row: `losses[i][j]` at α_i of the first and β_j of the second. */
export function lossOnPlane(surface: ModelSurface, at: Point, alphas: readonly number[], betas: readonly number[], from: Key): number[][] {
  const [first, second] = [filterNormalizedDirection(surface, at, fold(from, 'first')), filterNormalizedDirection(surface, at, fold(from, 'second'))];
  return alphas.map((alpha) => betas.map((beta) => surface.loss(Float64Array.from(at, (x, i) => x + alpha * first[i] + beta * second[i]))));
}
