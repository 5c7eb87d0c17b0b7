import { activationName, activations, type Activation } from '../activations.ts';
import { defineLayer } from '../define.ts';

export interface ActivationOptions {
  readonly of: Activation;
}

/** An element-wise function as a layer of its own (after a normalization): `activation({ of: 'relu' })`. */
export const activation = defineLayer<ActivationOptions>({
  kind: 'activation',
  options: { of: activationName },
  defaults: {},
  outputShape: (_, inputShape) => inputShape,
  params: () => [],
  apply: ({ of }, x) => activations[of](x),
});
