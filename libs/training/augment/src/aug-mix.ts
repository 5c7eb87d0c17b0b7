/**
 * AugMix: Hendrycks, Mu, Cubuk, Zoph, Gilmer, Lakshminarayanan 2020, "AugMix: A Simple Data Processing Method to Improve
 * Robustness and Uncertainty", algorithm 1, https://arxiv.org/abs/1912.02781
 *
 *   x̃ = m·x + (1 − m)·Σ wᵢ·chainᵢ(x)        w ~ Dirichlet(α, …, α)        m ~ Beta(α, α)
 *
 * Chains are 1 to 3 changes of the paper's nine. The Jensen-Shannon consistency loss is not part of the data.
 */
import { beta, between, factory, fold, gamma, integerAt, positive, positiveInteger, uniformAt, type Key } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { perImage, zerosLike, type Image, type ImageDraws, type ImageShape } from './image.ts';
import { refuseMasks } from './mixing.ts';
import { carryOut, type Chosen, type OperationName } from './operations.ts';

export interface AugMixOptions {
  /** Chains that are mixed. Default 3. */
  readonly width?: number;
  /** Changes in each chain; drawn evenly from 1 to 3 unless given. */
  readonly depth?: number;
  /** Strength, in (0, 10]. Default 3. */
  readonly severity?: number;
  /** Of the Dirichlet and the Beta distribution. Default 1. */
  readonly alpha?: number;
}

/** Chains of changes, their weights (which sum to 1), and the share of the image itself. */
export interface AugMixDraw {
  readonly chains: readonly (readonly Chosen[])[];
  readonly weights: readonly number[];
  readonly keep: number;
}

const names: readonly OperationName[] = ['autoContrast', 'equalize', 'posterize', 'rotate', 'solarize', 'shearX', 'shearY', 'translateX', 'translateY'];

/** The paper's ranges: a level drawn from [0.1, severity], as a share of 10. */
function magnitudeOf(operation: OperationName, share: number, { height, width }: ImageShape): number {
  const whole = (most: number): number => Math.floor(share * most);
  if (operation === 'rotate') return whole(30);
  if (operation === 'posterize') return Math.max(1, 4 - whole(4));
  if (operation === 'solarize') return (256 - whole(256)) / 255;
  if (operation === 'shearX' || operation === 'shearY') return share * 0.3;
  if (operation === 'translateX') return whole(width / 3);
  return operation === 'translateY' ? whole(height / 3) : 0;
}

/** Mixes an image with chains of its own changes; the label stays. Meant for images before normalisation. */
export const augMix = factory<AugMixOptions, Augmentation<ImageDraws<AugMixDraw>, 'same'>>('augMix', { width: positiveInteger, depth: positiveInteger, severity: between(0.1, 10), alpha: positive }, ({ width = 3, depth, severity = 3, alpha = 1 }) => {
  const choose = (key: Key, shape: ImageShape): Chosen => {
    const operation = names[integerAt(key, 0, names.length)];
    const magnitude = magnitudeOf(operation, (0.1 + uniformAt(key, 2) * (severity - 0.1)) / 10, shape);
    return { operation, magnitude: !['posterize', 'solarize'].includes(operation) && uniformAt(key, 3) < 0.5 ? -magnitude : magnitude };
  };
  const draw = (key: Key, shape: ImageShape): AugMixDraw => {
    const shares = Array.from({ length: width }, (_, i) => gamma(fold(fold(key, 'weight'), i), alpha));
    const total = shares.reduce((a, b) => a + b, 0);
    return {
      chains: shares.map((_, i) => {
        const chain = fold(fold(key, 'chain'), i);
        return Array.from({ length: depth ?? 1 + integerAt(chain, 0, 3) }, (_, j) => choose(fold(chain, j), shape));
      }),
      weights: shares.map((share) => (total > 0 ? share / total : 1 / width)),
      keep: beta(fold(key, 'keep'), alpha, alpha),
    };
  };
  const paint = (from: Image, to: Image, { chains, weights, keep }: AugMixDraw): void => {
    const sum = new Float64Array(from.values.length);
    for (let p = 0; p < sum.length; p++) sum[p] = keep * from.values[p];
    chains.forEach((chain, i) => {
      const changed = { ...to, values: zerosLike(to.values) };
      carryOut(chain, from, changed);
      const weight = (1 - keep) * weights[i];
      for (let p = 0; p < sum.length; p++) sum[p] += weight * changed.values[p];
    });
    const half = to.values instanceof Float32Array ? 0 : 0.5;
    for (let p = 0; p < sum.length; p++) to.values[p] = sum[p] + half;
  };
  return perImage<AugMixDraw>('augMix', 1, { draw, paint, masks: refuseMasks('augMix') });
});
