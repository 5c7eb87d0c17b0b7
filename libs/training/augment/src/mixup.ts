/**
 * mixup: Zhang, Cissé, Dauphin, Lopez-Paz 2018, "mixup: Beyond Empirical Risk Minimization", section 2, https://arxiv.org/abs/1710.09412
 *
 *   x̃ = λ·xᵢ + (1 − λ)·xⱼ        ỹ = λ·yᵢ + (1 − λ)·yⱼ        λ ~ Beta(α, α)
 *
 * The paper draws one λ for a batch, and so does this by default; `per: 'example'` draws one for each pair.
 */
import { factory, oneOf, positive } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { blank } from './images.ts';
import { drawMix, mixTargets, type MixDraw } from './mixing.ts';

export interface MixupOptions {
  /** Strength: 0.2 mixes a little, 1 evenly. Default 0.2. */
  readonly alpha?: number;
  /** One λ for the batch, or one for each example. Default `batch`. */
  readonly per?: 'batch' | 'example';
}

/** Blends each example, and its label, with another one of the batch. Any input shape; bytes are rounded. */
export const mixup = factory<MixupOptions, Augmentation<MixDraw, 'probabilities'>>('mixup', { alpha: positive, per: oneOf('batch', 'example') }, ({ alpha = 0.2, per = 'batch' }) => ({
  name: 'mixup',
  targets: 'probabilities',
  sample: (key, [size]) => drawMix(key, size, alpha, per),
  apply: (examples, draw) => {
    const { size, inputs } = examples;
    const mixed = blank('mixup', inputs);
    const length = inputs.length / size;
    const half = inputs instanceof Uint8Array ? 0.5 : 0;
    for (let n = 0, i = 0; n < size; n++) {
      const keep = draw.lambda[n];
      const give = 1 - keep;
      for (let end = i + length, j = draw.partner[n] * length; i < end; i++, j++) mixed[i] = keep * inputs[i] + give * inputs[j] + half;
    }
    return { ...examples, inputs: mixed, targets: mixTargets('mixup', examples.targets, draw) };
  },
}));
