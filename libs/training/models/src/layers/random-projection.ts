/**
 * Random features: Rahimi and Recht 2008, "Weighted Sums of Random Kitchen Sinks".
 *
 *   y = activation(x · W), W drawn once from N(0, 1 / inputs) and never trained
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError, positiveInteger } from '@gradstream/numerics';
import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';
import { initializers } from '../initializers.ts';

export interface RandomProjectionOptions {
  /** Features that come out. */
  readonly units: number;
  /** Default `relu`. */
  readonly activation?: Activation;
}

/** A fixed random layer on [inputs]; its kernel is a buffer: saved, but not trained. */
export const randomProjection = defineLayer<RandomProjectionOptions>({
  kind: 'randomProjection',
  prefix: 'projection',
  options: { units: positiveInteger, activation: activationName },
  defaults: { activation: 'relu' },
  outputShape: ({ units }, inputShape) => {
    if (inputShape.length !== 1) throw new InputError(`expects [inputs], received [${inputShape}]; flatten() before it`);
    return [units];
  },
  params: ({ units }, [inputs]) => [{ name: 'kernel', shape: [inputs, units], role: 'buffer', init: initializers.lecunNormal, fan: { in: inputs, out: units } }],
  apply: ({ activation }, x, { kernel }) => activations[activation](tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D)),
});
