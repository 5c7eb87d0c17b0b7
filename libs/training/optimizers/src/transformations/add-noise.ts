/**
 * Gradient noise: Neelakantan et al. 2015, "Adding Gradient Noise Improves Learning for Very Deep Networks", equation 1,
 * https://arxiv.org/abs/1511.06807
 *
 *   g ← g + N(0, σₜ²)        σₜ² = eta / (1 + t)^gamma, t = 0, 1, …
 *
 * The noise of an update is a function of the seed, the param and the update's number: the same run draws the same.
 */
import { add, element, finite, fold, hyper, key, mul, nonNegative, normals, sizeOf, uniform, type Hyper } from '@gradstream/numerics';
import { link, tensorwise, type Tensorwise } from '../transformation.ts';

export interface NoiseOptions {
  /** Variance of the first update's noise, at least 0. Default 0.01. */
  readonly eta?: Hyper;
  /** Power of its decay, at least 0. Default 0.55. */
  readonly gamma?: Hyper;
  /** Seed of the noise. Default 0. */
  readonly seed?: number;
}

const noisy = add(element('g'), mul(uniform('sigma'), element('noise')));

export const addNoise = link<NoiseOptions, Tensorwise>('addNoise', { eta: hyper(nonNegative), gamma: hyper(nonNegative), seed: finite }, ({ eta = 0.01, gamma = 0.55, seed = 0 }) => {
  const root = fold(key(seed), 'gradientNoise');
  return tensorwise('addNoise', {
    hyper: { eta, gamma },
    slots: () => ({}),
    update: ({ ops, param: { name, shape }, g, t, hyper: { eta, gamma } }) => ({
      g: ops.map(noisy, { g, noise: ops.from(normals(fold(fold(root, name), t), sizeOf(shape))) }, { sigma: Math.sqrt(eta / t ** gamma) }),
    }),
  });
});
