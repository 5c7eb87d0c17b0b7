/**
 * Bias and variance over a population of models: Geman, Bienenstock and Doursat 1992, "Neural Networks and the
 * Bias/Variance Dilemma". The randomness is over training sets (and seeds), at fixed inputs: one model has no variance.
 */
import { InputError } from '@gradstream/numerics';

export interface Decomposition {
  /** Mean over inputs of (E f − truth)². */
  readonly bias2: number;
  /** Mean over inputs of E (f − E f)². */
  readonly variance: number;
}

/**
 * Squared error: E (f − truth)² = bias² + variance, exactly, with the population's own mean.
 *
 * @param predictions one row for each model, one number for each input
 * @param truth what the target is at these inputs, without noise
 */
export function decompose(predictions: readonly ArrayLike<number>[], truth: ArrayLike<number>): Decomposition {
  if (predictions.length === 0) throw new InputError('decompose: a population of no models has no variance');
  let bias2 = 0;
  let variance = 0;
  for (let i = 0; i < truth.length; i++) {
    let [sum, squares] = [0, 0];
    for (const row of predictions) sum += row[i];
    const centre = sum / predictions.length;
    for (const row of predictions) squares += (row[i] - centre) ** 2;
    bias2 += (centre - truth[i]) ** 2;
    variance += squares / predictions.length;
  }
  return { bias2: bias2 / truth.length, variance: variance / truth.length };
}

export interface KullbackDecomposition {
  /** Mean over inputs of KL(truth ‖ central prediction), in nats: the label's −log p where truth is one class. */
  readonly bias: number;
  /** Mean over inputs of E KL(central prediction ‖ prediction). */
  readonly variance: number;
  /** Their sum: the mean cross-entropy. */
  readonly loss: number;
}

/**
 * Cross-entropy: Heskes 1998, "Bias/Variance Decompositions for Likelihood-Based Estimators". The centre of a population of
 * softmax predictions is their normalised geometric mean, the softmax of the mean logits.
 *
 * @param logits one array [inputs, classes] for each model, row by row
 * @param labels the class of each input
 */
export function decomposeKullback(logits: readonly ArrayLike<number>[], labels: ArrayLike<number>, classes: number): KullbackDecomposition {
  if (logits.length === 0) throw new InputError('decomposeKullback: a population of no models has no variance');
  const logSoftmax = (row: Float64Array): Float64Array => {
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top;
    return row.map((value) => value - total);
  };
  let [bias, variance, loss] = [0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    const rows = logits.map((model) => logSoftmax(Float64Array.from({ length: classes }, (_, c) => model[i * classes + c])));
    const centre = logSoftmax(rows.reduce((sum, row) => sum.map((value, c) => value + row[c] / rows.length), new Float64Array(classes)));
    bias -= centre[labels[i]];
    for (const row of rows) {
      loss -= row[labels[i]] / rows.length;
      variance += centre.reduce((sum, value, c) => sum + Math.exp(value) * (value - row[c]), 0) / rows.length;
    }
  }
  return { bias: bias / labels.length, variance: variance / labels.length, loss: loss / labels.length };
}
