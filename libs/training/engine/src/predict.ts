import { tidy, tensor } from '@tensorflow/tfjs-core';
import { checkFits, key, type Examples, type Weights } from '@gradstream/numerics';
import { apply, type BuiltModel } from '@gradstream/models';
import { feedInputs } from './feed.ts';

const evaluationKey = key(0);

/**
 * What a model says of some examples: outputs (logits for classification), row-major with the batch in front.
 * Training-time randomness is off and running statistics are used. `useBackend` first.
 *
 * @param size examples that go through at a time. Default 256
 * @throws InputError when the weights do not fit the model
 */
export function predict(model: BuiltModel, weights: Weights, examples: Pick<Examples, 'inputs' | 'inputShape'>, { size = 256 }: { readonly size?: number } = {}): Float32Array {
  checkFits('predict', model.params, weights);
  const params = Object.fromEntries(model.params.map(({ name, shape }) => [name, tensor(weights.get(name)!.values, [...shape], 'float32')]));
  try {
    const [count, ...shape] = examples.inputShape;
    const width = count === 0 ? 0 : examples.inputs.length / count;
    const parts: Float32Array[] = [];
    for (let from = 0; from < count; from += size) {
      const n = Math.min(size, count - from);
      const inputs = examples.inputs.subarray(from * width, (from + n) * width);
      parts.push(tidy(() => apply(model, params, feedInputs({ inputs, inputShape: [n, ...shape] }), { training: false, key: evaluationKey }).outputs.dataSync<'float32'>().slice()));
    }
    const outputs = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
    parts.reduce((at, part) => {
      outputs.set(part, at);
      return at + part.length;
    }, 0);
    return outputs;
  } finally {
    for (const param of Object.values(params)) param.dispose();
  }
}
