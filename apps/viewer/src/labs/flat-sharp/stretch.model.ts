/**
 * Dinh, Pascanu, Bengio, Bengio 2017, "Sharp Minima Can Generalize For Deep Nets", https://arxiv.org/abs/1703.04933: max(0, c·z) is
 * c · max(0, z) for c > 0, so
 *
 *   W₁ ← c · W₁      b₁ ← c · b₁      W₂ ← W₂ / c
 *
 * leaves the function of a rectifier network as it was and changes its curvature at will.
 */
import { sizeOf, type ParamInfo } from '@gradstream/numerics';
import type { Point } from '@gradstream/diagnostics';

/** The same network with its first layer stretched and its second one shrunk. */
export function stretched(params: readonly ParamInfo[], at: Point, c: number): Float64Array {
  const out = Float64Array.from(at);
  const [kernel, bias, next] = params.map(({ shape }) => sizeOf(shape));
  for (let i = 0; i < kernel + bias; i++) out[i] *= c;
  for (let i = kernel + bias; i < kernel + bias + next; i++) out[i] /= c;
  return out;
}
