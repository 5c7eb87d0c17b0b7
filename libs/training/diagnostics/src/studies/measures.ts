import * as tf from '@tensorflow/tfjs-core';
import { key, type Examples, type Weights } from '@gradstream/numerics';
import { feedInputs, predict } from '@gradstream/engine';
import { accuracy, calibrationError, softmaxCrossEntropy } from '@gradstream/losses';
import { apply, type BuiltModel } from '@gradstream/models';
import type { Measured } from '../recipe/study.ts';

const objective = softmaxCrossEntropy();

/** Error in %, mean cross-entropy, and calibration error over 15 bins in %, of logits. */
export function classification(logits: Float32Array, examples: Pick<Examples, 'size' | 'targets'>): { readonly error: number; readonly loss: number; readonly ece: number } {
  const [right, calibration] = [accuracy(), calibrationError({ bins: 15 })].map((metric) => {
    const accumulator = metric.accumulator!(objective);
    accumulator.add(logits, examples);
    return accumulator.result();
  });
  return { error: 100 * (1 - right['accuracy']), loss: crossEntropy(logits, examples.targets.values, examples.size).reduce((a, b) => a + b, 0) / examples.size, ece: 100 * calibration['calibrationError'] };
}

/** −log p of each example's class, in nats. */
export function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>, count: number): Float64Array {
  const width = logits.length / count;
  return Float64Array.from({ length: count }, (_, i) => {
    let top = -Infinity;
    for (let c = 0; c < width; c++) top = Math.max(top, logits[i * width + c]);
    let sum = 0;
    for (let c = 0; c < width; c++) sum += Math.exp(logits[i * width + c] - top);
    return top + Math.log(sum) - logits[i * width + labels[i]];
  });
}

/** Root of the sum of squares of all kernels. */
export const weightNorm = (model: BuiltModel, weights: Weights): number =>
  Math.sqrt(model.params.filter(({ role }) => role === 'kernel').reduce((sum, { name }) => sum + weights.get(name)!.values.reduce((s, w) => s + w * w, 0), 0));

/** Mean L2 norm, over examples, of the gradient of the winning logit by the inputs. */
export function inputGradientNorm(model: BuiltModel, weights: Weights, examples: Examples): number {
  return tf.tidy(() => {
    const params = Object.fromEntries(model.params.map(({ name, shape }) => [name, tf.tensor(weights.get(name)!.values, [...shape])]));
    const inputs = feedInputs(examples);
    const winning = (x: tf.Tensor): tf.Scalar => tf.sum(tf.max(apply(model, params, x, { training: false, key: key(0) }).outputs, 1)) as tf.Scalar;
    const gradients = tf.reshape(tf.grad(winning)(inputs), [examples.size, -1]);
    return tf.mean(tf.sqrt(tf.sum(tf.square(gradients), 1))).dataSync()[0];
  });
}

/** What is said of trained weights on the split they were trained on and on the test split. */
export function endMeasures(model: BuiltModel, weights: Weights, train: Examples, test: Examples): Measured {
  const [onTrain, onTest] = [train, test].map((examples) => classification(predict(model, weights, examples, { size: 1_000 }), examples));
  return {
    trainError: onTrain.error, trainLoss: onTrain.loss,
    testError: onTest.error, testLoss: onTest.loss, ece: onTest.ece,
    gapLoss: onTest.loss - onTrain.loss, gapError: onTest.error - onTrain.error,
    weightNorm: weightNorm(model, weights),
  };
}
