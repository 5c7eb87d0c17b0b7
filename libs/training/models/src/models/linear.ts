import { factory, positiveInteger } from '@gradstream/numerics';
import { activationName, type Activation } from '../activations.ts';
import { initializer, type InitializerName } from '../initializers.ts';
import { dense } from '../layers/dense.ts';
import { flatten } from '../layers/flatten.ts';
import { randomProjection } from '../layers/random-projection.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';

export interface LinearOptions {
  /** Default `zeros`: the loss is convex, so that any start leads to the same place. */
  readonly kernelInit?: InitializerName;
}

const flat = (inputShape: readonly number[]): Layer[] => (inputShape.length === 1 ? [] : [flatten()]);

/** One dense layer `output`: linear regression with `meanSquaredError`, softmax regression with `softmaxCrossEntropy`, logistic regression with `sigmoidCrossEntropy`. */
export const linear = factory<LinearOptions, Model>('linear', { kernelInit: initializer }, ({ kernelInit = 'zeros' }) => ({
  name: 'linear',
  layers: (inputShape, width) => [...flat(inputShape), dense({ units: width, kernelInit, as: 'output' })],
}));

export interface RandomFeaturesOptions {
  /** Number of random features. */
  readonly features: number;
  /** Default `relu`. */
  readonly activation?: Activation;
}

/** A linear model on fixed random features (Rahimi and Recht 2008): as wide as one likes, still convex. */
export const randomFeatures = factory<RandomFeaturesOptions, Model>(
  'randomFeatures',
  { features: positiveInteger, activation: activationName },
  ({ features, activation = 'relu' }) => ({
    name: 'randomFeatures',
    layers: (inputShape, width) => [...flat(inputShape), randomProjection({ units: features, activation }), dense({ units: width, kernelInit: 'zeros', as: 'output' })],
  }),
  ['features'],
);
