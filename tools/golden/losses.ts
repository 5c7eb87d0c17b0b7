/** Golden losses, penalties, constraints and soft thresholding. */
import * as tf from '@tensorflow/tfjs';
import {
  huber, meanAbsoluteError, meanSquaredError, sigmoidCrossEntropy, sigmoidFocal, smoothL1, softmaxCrossEntropy, type Objective, type TargetTensor,
} from '@gradstream/losses';
import {
  elasticNet, groupLasso, l1, l2, maxNorm, minMaxNorm, nonNegativeWeights, orthogonal, softThreshold, spectral, unitNorm, type Constraint, type Penalty,
} from '@gradstream/regularizers';
import { nest, shapeOf, type Comparison, type Family, type GoldenCase, type Nested, type Runner } from './case.ts';
import { each, floats, nested, onArrays, onTensors, tensor } from './layers.ts';

type Named = Readonly<Record<string, unknown>>;

/** A loss in torch's three reductions, with the gradient of the mean or of the sum. */
function reduced(objective: Objective, outputs: tf.Tensor, targets: TargetTensor, { hyper, output }: GoldenCase, gradientName: string): readonly Comparison[] {
  const rows = outputs.shape[0];
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => objective.loss(x, targets))(outputs);
  const row = (i: number) => objective.loss(tf.slice(outputs, [i], [1]), { ...targets, values: tf.slice(targets.values, [i], [1]) }).dataSync()[0];
  const factor = hyper.reduction === 'mean' || hyper.reduction === undefined ? 1 : rows;
  const expected = output as Named;
  return [
    { what: 'loss', actual: hyper.reduction === 'none' ? Array.from({ length: rows }, (_, i) => row(i)) : value.dataSync()[0] * factor, expected: expected.loss },
    { what: gradientName, actual: nested(tf.reshape(tf.mul(grad, factor), shapeOf(expected[gradientName] as Nested))), expected: expected[gradientName] },
  ];
}

const crossEntropy: Runner = (golden) => {
  const { logits, labels, targets, class_weight } = golden.input as Named;
  const objective: Objective = softmaxCrossEntropy({ labelSmoothing: golden.hyper.label_smoothing as number, classWeights: class_weight as number[] | undefined });
  const outputs = tensor(logits);
  const width = outputs.shape[1]!;
  return reduced(objective, outputs, targets ? { kind: 'probabilities', width, values: tensor(targets) } : { kind: 'classes', width, values: tensor(labels, 'int32') }, golden, 'dlogits');
};

const sigmoid = (make: (hyper: Readonly<Record<string, number>>) => Objective): Runner => (golden) => {
  const { logits, labels } = golden.input as Named;
  const outputs = tensor(logits);
  return reduced(make(golden.hyper as Readonly<Record<string, number>>), outputs, { kind: 'values', width: outputs.shape[1]!, values: tensor(labels) }, golden, 'dlogits');
};

const regression = (make: (hyper: Readonly<Record<string, number>>) => Objective): Runner => (golden) => {
  const column = (of: unknown) => tf.expandDims(tensor(of), 1);
  const { prediction, target } = golden.input as Named;
  return reduced(make(golden.hyper as Readonly<Record<string, number>>), column(prediction), { kind: 'values', width: 1, values: column(target) }, golden, 'dprediction');
};

const penalty = (make: (hyper: Readonly<Record<string, number>>) => Penalty): Runner => ({ hyper, input, output }) => {
  const { value, grad } = tf.valueAndGrad((w: tf.Tensor) => make(hyper as Readonly<Record<string, number>>).value({ w }, 0))(tensor((input as Named).w));
  return [
    { what: 'value', actual: value.dataSync()[0], expected: (output as Named).value },
    { what: 'dw', actual: nested(grad), expected: (output as Named).dw },
  ];
};

/** What is done to an array in place. */
const inPlace = (change: (values: Float32Array, shape: readonly number[], hyper: Readonly<Record<string, number>>) => void): Runner => ({ hyper, input, output }) => {
  const { w } = input as { readonly w: Nested };
  const [values, shape] = [floats(w), shapeOf(w)];
  change(values, shape, hyper as Readonly<Record<string, number>>);
  return [{ what: 'w', actual: nest(values, shape), expected: (output as Named).w }];
};
const constraint = (make: (hyper: Readonly<Record<string, number>>) => Constraint): Runner => inPlace((values, shape, hyper) => make(hyper).project(values, { name: 'w', shape, role: 'kernel' }));

const lossL1 = regression(() => meanAbsoluteError());
const penaltyL1 = penalty(({ l1: amount }) => l1(amount));

export const losses: Family = {
  ...each(onTensors, {
    cross_entropy: crossEntropy,
    // The gradient at equal logits is (1 / K − target) / rows, so that it shows the smoothed targets.
    smooth_labels: ({ hyper, input, output }) => {
      const hot = tensor((input as Named).onehot);
      const [rows, width] = hot.shape as [number, number];
      const objective = softmaxCrossEntropy({ labelSmoothing: hyper.alpha as number });
      const gradient = tf.grad((x) => objective.loss(x, { kind: 'probabilities', width, values: hot }))(tf.zeros([rows, width]));
      return [{ what: 'targets', actual: nested(tf.sub(1 / width, tf.mul(gradient, rows))), expected: (output as Named).targets }];
    },
    sigmoid_binary_cross_entropy: sigmoid(({ label_smoothing }) => sigmoidCrossEntropy({ labelSmoothing: label_smoothing })),
    sigmoid_focal_loss: sigmoid(({ gamma, alpha }) => sigmoidFocal({ gamma, alpha })),
    mse: regression(() => meanSquaredError()),
    l1: (golden, engine, file) => ('w' in (golden.input as Named) ? penaltyL1 : lossL1)(golden, engine, file),
    huber: regression(({ delta }) => huber({ delta })),
    'smooth-l1': regression(({ beta }) => smoothL1({ beta })),
    'l2-keras': penalty(({ l2: amount }) => l2({ amount, convention: 'keras' })),
    'l2-half': penalty(({ weight_decay }) => l2(weight_decay)),
    'elastic-net': penalty(({ l1, l2 }) => elasticNet({ l1, l2, convention: 'keras' })),
    'orthogonal-frobenius': penalty(({ factor }) => orthogonal(factor)),
    'orthogonal-keras-columns': penalty(({ factor }) => orthogonal({ amount: factor, measure: 'cosine' })),
    'group-lasso-rows': penalty(({ factor }) => groupLasso(factor)),
    'log-barrier-spectral': penalty(({ factor }) => spectral({ amount: factor, iterations: 500 })),
  }),
  ...each(onArrays, {
    max_norm: constraint(({ max_value }) => maxNorm(max_value)),
    unit_norm: constraint(() => unitNorm()),
    min_max_norm: constraint(({ min_value, max_value, rate }) => minMaxNorm({ min: min_value, max: max_value, rate })),
    non_neg: constraint(() => nonNegativeWeights()),
    prox_l1: inPlace((values, _, { threshold }) => softThreshold(values, threshold)),
  }),
};
