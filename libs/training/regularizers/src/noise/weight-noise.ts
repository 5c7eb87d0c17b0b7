/**
 * Weight noise: An 1996, "The Effects of Adding Noise During Backpropagation Training"; Graves 2011, "Practical Variational Inference for Neural Networks".
 *
 *   forward and backward pass at w + stddev · z, update on the clean w
 *
 * For small noise it adds stddev² / 2 · E ‖∂loss/∂w‖² and favours flat regions.
 */
import { factory, normals, sizeOf } from '@gradstream/numerics';
import { amount, Strength, type Amount } from '../amount.ts';
import type { WeightNoise } from '../regularizer.ts';
import { selection, selects, type Selection } from '../selection.ts';
import { shortForm } from '../short-form.ts';

export interface WeightNoiseOptions {
  /** Standard deviation, in the units of the weights; a schedule may shrink it. */
  readonly stddev: Amount;
  /** Params it shakes. Default `kernels`. */
  readonly on?: Selection;
}

/** Takes gradients at noisy weights: `weightNoise(0.01)`. */
export const weightNoise = shortForm(
  factory<WeightNoiseOptions, WeightNoise>(
    'weightNoise',
    { stddev: amount, on: selection },
    ({ stddev, on = 'kernels' }) => {
      const strength = new Strength('weightNoise', 'stddev', stddev);
      return {
        type: 'weightNoise',
        name: 'weightNoise',
        applies: (param) => selects(on, param),
        sample: (key, { shape }, step) => {
          const scale = strength.at(step);
          return normals(key, sizeOf(shape)).map((z) => z * scale);
        },
        ...strength.steered(),
      };
    },
    ['stddev'],
  ),
  'stddev',
);
