import * as tf from '@tensorflow/tfjs-core';
import { oneOf } from '@gradstream/numerics';

/** Element-wise functions that layers know by name. */
export const activations = {
  linear: (x: tf.Tensor) => x,
  relu: (x: tf.Tensor) => tf.relu(x),
  /** max(x, 0.01 x): torch's slope; Keras has 0.3. */
  leakyRelu: (x: tf.Tensor) => tf.leakyRelu(x, 0.01),
  /** Clevert et al. 2016, alpha 1. */
  elu: (x: tf.Tensor) => tf.elu(x),
  /** Klambauer et al. 2017. */
  selu: (x: tf.Tensor) => tf.selu(x),
  /** Hendrycks and Gimpel 2016, exact: x · Φ(x). */
  gelu: (x: tf.Tensor) => tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))))),
  /** x · sigmoid(x), also called SiLU. */
  swish: (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x)),
  sigmoid: (x: tf.Tensor) => tf.sigmoid(x),
  tanh: (x: tf.Tensor) => tf.tanh(x),
  softplus: (x: tf.Tensor) => tf.softplus(x),
} as const satisfies Record<string, (x: tf.Tensor) => tf.Tensor>;

export type Activation = keyof typeof activations;

/** Option rule: the name of an activation. */
export const activationName = oneOf(...Object.keys(activations));
