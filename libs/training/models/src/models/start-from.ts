import { copyWeights, describable, specOf, type Weights } from '@gradstream/numerics';
import type { Model } from '../model.ts';

/**
 * The same model, beginning with given weights instead of drawn ones: what `keep(store)` kept, a loaded model, or a part
 * of either. Params that the weights do not hold are drawn as ever (a new head on old layers).
 * A document cannot hold weights, so that the description of such a run is not complete.
 *
 * @throws InputError, when the model meets its data, for weights that it does not have or of another shape
 */
export function startFrom(model: Model, weights: Weights): Model {
  const start = copyWeights(weights);
  return describable({ ...model, layers: (inputShape, width) => model.layers(inputShape, width), start }, { name: model.name, ...specOf(model), start: { opaque: 'weights' } });
}
