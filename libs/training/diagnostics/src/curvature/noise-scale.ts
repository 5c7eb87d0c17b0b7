/**
 * Gradient noise scale: McCandlish, Kaplan, Amodei et al. 2018, "An Empirical Model of Large-Batch Training", appendix A.1,
 * https://arxiv.org/abs/1812.06162
 *
 *   |G|² = (B₂·|g₂|² − B₁·|g₁|²) / (B₂ − B₁)        tr Σ = (|g₁|² − |g₂|²) / (1/B₁ − 1/B₂)        B_simple = tr Σ / |G|²
 *
 * from the mean squared norms of gradients of small (B₁) and large (B₂) batches.
 */
import { InputError } from '@gradstream/numerics';
import { norm } from '../linear-algebra.ts';

export interface NormPair {
  readonly size: number;
  /** Mean over batches of ‖g‖². */
  readonly squaredNorm: number;
}

export interface NoiseScale {
  /** ‖G‖² of the full gradient, unbiased; may come out negative where noise covers it. */
  readonly signal: number;
  /** tr Σ: the variance of a single example's gradient. */
  readonly noise: number;
  /** B_simple, in examples; NaN where no signal is left. */
  readonly scale: number;
}

export function noiseScale(small: NormPair, large: NormPair): NoiseScale {
  if (!(small.size < large.size)) throw new InputError(`noiseScale: the first batch size must be below the second, received ${small.size} and ${large.size}`);
  const signal = (large.size * large.squaredNorm - small.size * small.squaredNorm) / (large.size - small.size);
  const noise = (small.squaredNorm - large.squaredNorm) / (1 / small.size - 1 / large.size);
  return { signal, noise, scale: signal > 0 ? noise / signal : NaN };
}

/**
 * The noise scale from the gradients of some batches of one size, against their mean.
 *
 * @param size examples in each batch
 */
export function noiseScaleOf(gradients: readonly ArrayLike<number>[], size: number): NoiseScale {
  const whole = new Float64Array(gradients[0].length);
  for (const gradient of gradients) for (let i = 0; i < whole.length; i++) whole[i] += gradient[i] / gradients.length;
  const squaredNorm = gradients.reduce((sum, gradient) => sum + norm(gradient) ** 2 / gradients.length, 0);
  return noiseScale({ size, squaredNorm }, { size: size * gradients.length, squaredNorm: norm(whole) ** 2 });
}

/**
 * S_min and B_crit of S = S_min (1 + B_crit / B), from the steps that batch sizes needed: a line of S in 1 / B, least squares of
 * relative errors, so that small and large counts weigh the same.
 */
export function fitCriticalBatch(needed: readonly { readonly size: number; readonly steps: number }[]): { readonly fewestSteps: number; readonly critical: number } {
  if (needed.length < 2) throw new InputError(`fitCriticalBatch: takes at least two batch sizes, received ${needed.length}`);
  let [ww, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { size, steps } of needed) {
    const [weight, x] = [1 / steps ** 2, 1 / size];
    ww += weight;
    wx += weight * x;
    wxx += weight * x * x;
    wy += weight * steps;
    wxy += weight * x * steps;
  }
  const slope = (ww * wxy - wx * wy) / (ww * wxx - wx * wx);
  const fewestSteps = (wy - slope * wx) / ww;
  return { fewestSteps, critical: slope / fewestSteps };
}
