/**
 * mixup: Zhang, Cissé, Dauphin, Lopez-Paz 2018, "mixup: Beyond Empirical Risk Minimization", section 2, https://arxiv.org/abs/1710.09412
 *
 *   x̃ = λ·xᵢ + (1 − λ)·xⱼ        ỹ = λ·yᵢ + (1 − λ)·yⱼ        λ ~ Beta(α, α)
 *
 * The paper draws one λ for a batch, and so does this by default; `per: 'example'` draws one for each pair.
 * Blending commutes with scaling and shifting, so it may stand before or after a normalisation; not label smoothing, which mixes no inputs.
 */
import { factory } from '@gradstream/numerics';
import type { Augmentation } from './augmentation.ts';
import { refuseTokens, zerosLike } from './image.ts';
import { drawMix, mixRules, mixTargets, refuseMasks, type MixDraw, type MixOptions } from './mixing.ts';

/** Blends each example, and its label, with another one of the batch. Any input shape; bytes are rounded. `alpha` 0.2 unless given. */
export const mixup = factory<MixOptions, Augmentation<MixDraw, 'probabilities'>>('mixup', mixRules, ({ alpha = 0.2, ...options }) => ({
  name: 'mixup',
  targets: 'probabilities',
  sample: (key, [size]) => drawMix(key, size, { alpha, ...options }),
  apply: (examples, draw) => {
    const { size, inputs } = examples;
    refuseTokens('mixup', inputs);
    const mixed = zerosLike(inputs);
    const length = inputs.length / size;
    const half = inputs instanceof Uint8Array ? 0.5 : 0;
    for (let n = 0, i = 0; n < size; n++) {
      const keep = draw.lambda[n];
      const give = 1 - keep;
      for (let end = i + length, j = draw.partner[n] * length; i < end; i++, j++) mixed[i] = keep * inputs[i] + give * inputs[j] + half;
    }
    return { ...examples, inputs: mixed, targets: mixTargets('mixup', examples.targets, draw) };
  },
  applyToMasks: refuseMasks('mixup'),
}));
