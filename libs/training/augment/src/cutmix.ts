/**
 * CutMix: Yun, Han, Oh, Chun, Choe, Yoo 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
 * Features", section 3.1, https://arxiv.org/abs/1905.04899
 *
 *   a box of sides ⌊side·√(1 − λ)⌋ about a random pixel, cut off at the border, λ ~ Beta(α, α)
 *   x̃ = the box of xⱼ in xᵢ      ỹ = λ'·yᵢ + (1 − λ')·yⱼ      λ' = 1 − area of the box / area of the image
 *
 * The labels use the area that was really pasted, not the λ that was drawn (the paper's algorithm 1 and the authors' code agree).
 */
import { factory, fold, integerAt } from '@gradstream/numerics';
import type { Augmentation, Masks } from './augmentation.ts';
import { boxAround, copyBox, type Box } from './boxes.ts';
import { imageShape, refuseTokens, type ImageShape } from './image.ts';
import { drawMix, mixRules, mixTargets, type MixDraw, type MixOptions } from './mixing.ts';

/** A box for each example; `lambda` is the share of pixels that it keeps, exactly. */
export interface CutMixDraw extends MixDraw {
  readonly boxes: readonly Box[];
}

/** Pastes a box of another image of the batch into each image and mixes the labels by its area. `alpha` 1 unless given. */
export const cutmix = factory<MixOptions, Augmentation<CutMixDraw, 'probabilities'>>('cutmix', mixRules, (options) => ({
  name: 'cutmix',
  targets: 'probabilities',
  sample: (key, shape) => {
    const sides = imageShape('cutmix', shape);
    const centre = (i: number) => ({ y: integerAt(fold(key, 'y'), i, sides.height), x: integerAt(fold(key, 'x'), i, sides.width) });
    const { partner, lambda } = drawMix(key, shape[0], options);
    return cutAt(partner, lambda, (i) => centre(options.per === 'example' ? i : 0), sides);
  },
  apply: (examples, draw) => {
    refuseTokens('cutmix', examples.inputs);
    return { ...examples, inputs: pasted(examples.inputs, examples.inputShape, draw), targets: mixTargets('cutmix', examples.targets, draw) };
  },
  applyToMasks: ({ values, shape }, draw): Masks => ({ values: pasted(values, shape, draw), shape }),
}));

/** The draw for given shares and centres. */
export function cutAt(partner: Uint32Array, lambda: ArrayLike<number>, centre: (i: number) => { readonly y: number; readonly x: number }, sides: ImageShape): CutMixDraw {
  const boxes = Array.from(lambda, (kept, i) => {
    const side = Math.sqrt(1 - kept);
    const { y, x } = centre(i);
    return boxAround(y, x, Math.floor(sides.height * side), Math.floor(sides.width * side), sides);
  });
  const area = ({ top, left, bottom, right }: Box): number => (bottom - top) * (right - left);
  return { partner, boxes, lambda: Float64Array.from(boxes, (box) => 1 - area(box) / (sides.height * sides.width)) };
}

function pasted<V extends Uint8Array | Float32Array | Int32Array>(values: V, shape: readonly number[], { partner, boxes }: CutMixDraw): V {
  const sides = imageShape('cutmix', shape);
  const length = sides.height * sides.width * sides.channels;
  const to = values.slice() as V;
  const image = (of: V, n: number) => ({ ...sides, values: of.subarray(n * length, (n + 1) * length) });
  boxes.forEach((box, n) => copyBox(image(values, partner[n]), image(to, n), box));
  return to;
}
