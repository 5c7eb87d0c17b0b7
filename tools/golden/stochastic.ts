/** Golden stochastic regularizers: exact outputs for given draws, moments for our own. */
import * as tf from '@tensorflow/tfjs';
import { cutAt, cutmix, cutout, mixup } from '@gradstream/augment';
import { fold, key, type Examples } from '@gradstream/numerics';
import { addNoise } from '@gradstream/optimizers';
import {
  addGaussian, alphaDropoutScale, dense, dropElements, dropout, dropToAlpha, gaussianDropout, gaussianNoise, multiplyGaussian, SELU_FLOOR, stochasticDepth, stochasticDepthRates,
} from '@gradstream/models';
import { weightNoise } from '@gradstream/regularizers';
import { flatten, nest, shapeOf, type Comparison, type Family, type GoldenCase, type Nested, type Runner } from './case.ts';
import { infosOf, trainer } from './engines.ts';
import { applied, each, floats, nested, onArrays, onTensors, tensor } from './layers.ts';

type Named = Readonly<Record<string, unknown>>;
const within = (what: string, distance: number, bound: number): Comparison => ({ what: `${what}: ${distance.toPrecision(3)} within ${bound.toPrecision(3)}`, actual: distance <= bound, expected: true });

/** Kept units, moments and the unchanged evaluation of a constant; outputs and gradient for a given mask. */
const runDropout: Runner = ({ id, hyper, input, output }) => {
  const { rate } = hyper as { readonly rate: number };
  if (id === 'dropout-edges') {
    const x = tf.ones([50]);
    return [
      { what: 'rate 0', actual: nested(applied(dropout({ rate: 0 }), x, {}, { training: true }).outputs), expected: nested(x) },
      { what: 'rate 1', actual: nested(applied(dropout({ rate: 1 }), x, {}, { training: true }).outputs), expected: nested(tf.zerosLike(x)) },
    ];
  }
  const given = input as { readonly value?: number; readonly keep_mask?: Nested; readonly x?: Nested; readonly dy?: Nested };
  if (given.keep_mask !== undefined) {
    const drop = (x: tf.Tensor) => dropElements(x, floats(given.keep_mask), shapeOf(given.keep_mask!), rate);
    return [
      { what: 'y', actual: nested(drop(tensor(given.x))), expected: (output as Named).y },
      ...(given.dy ? [{ what: 'dx', actual: nested(tf.grad(drop)(tensor(given.x), tensor(given.dy))), expected: (output as Named).dx }] : []),
    ];
  }
  const value = given.value!;
  const expected = output as { readonly kept_value: number; readonly eval_value: number; readonly variance: { readonly expected: number } };
  const n = 200_000;
  const x = tf.fill([n], value);
  const dropped = applied(dropout({ rate }), x, {}, { training: true, from: key(1) }).outputs.dataSync<'float32'>();
  const mean = dropped.reduce((sum, y) => sum + y, 0) / n;
  return [
    { what: 'kept value', actual: dropped.find((y) => y !== 0), expected: expected.kept_value },
    { what: 'evaluation', actual: applied(dropout({ rate }), x, {}).outputs.dataSync()[0], expected: expected.eval_value },
    within('share of zeros', Math.abs(dropped.filter((y) => y === 0).length / n - rate), 5 * Math.sqrt((rate * (1 - rate)) / n)),
    within('mean', Math.abs(mean - value), 5 * value * Math.sqrt(rate / (1 - rate) / n)),
    within('variance', Math.abs(dropped.reduce((sum, y) => sum + (y - mean) ** 2, 0) / n / expected.variance.expected - 1), 0.05),
  ];
};

const runAlphaDropout: Runner = ({ hyper, input, output }) => {
  const { x, keep_mask } = input as Named;
  const { alpha_prime, a, b, y } = output as Named;
  const rate = hyper.rate as number;
  const scale = alphaDropoutScale(rate);
  return [
    { what: 'alpha prime, a, b', actual: [SELU_FLOOR, scale.a, scale.b], expected: [alpha_prime, a, b] },
    { what: 'y', actual: nested(dropToAlpha(tensor(x), floats(keep_mask), rate)), expected: y },
  ];
};

const runDepth: Runner = ({ hyper, input, output }) => {
  const { shortcut, branch, keep_mask } = input as Named;
  const { train, eval: evaluation } = output as Named;
  const layer = stochasticDepth({ rate: hyper.rate as number });
  const [x, f] = [tensor(shortcut), tensor(branch)];
  return [
    { what: 'train', actual: nested(tf.add(x, dropElements(f, floats(keep_mask), shapeOf(keep_mask as Nested), hyper.rate as number))), expected: train },
    { what: 'eval', actual: nested(tf.add(x, applied(layer, f, {}).outputs)), expected: evaluation },
  ];
};

/** A dense layer whose kernel is changed in training. */
const onKernel = (change: (kernel: tf.Tensor, golden: GoldenCase) => tf.Tensor): Runner => (golden) => {
  const { x, w, b } = golden.input as Named;
  const { train, eval: evaluation } = golden.output as Named;
  const kernel = tensor(w);
  const run = (used: tf.Tensor) => nested(applied(dense({ units: kernel.shape[1]! }), tensor(x), { kernel: used, bias: tensor(b) }).outputs);
  return [{ what: 'train', actual: run(change(kernel, golden)), expected: train }, { what: 'eval', actual: run(kernel), expected: evaluation }];
};

const examplesOf = ({ x, y }: Named): Examples<'probabilities'> => {
  const [shape, targetShape] = [shapeOf(x as Nested), y ? shapeOf(y as Nested) : [shapeOf(x as Nested)[0], 1]];
  return {
    size: shape[0], inputShape: shape, inputs: floats(x),
    targets: { kind: 'probabilities', width: targetShape[1], shape: targetShape, values: y ? floats(y) : new Float32Array(shape[0]) },
  };
};
const shown = ({ inputs, inputShape, targets }: Examples) => ({ x: nest(inputs, inputShape), y: nest(targets.values, targets.shape) });

/** The noise of update t where its size is 1: two links of the same seed draw the same. */
const runGradientNoise: Runner = ({ hyper, output }, engine) => {
  const { eta, gamma } = hyper as { readonly eta: number; readonly gamma: number };
  const infos = infosOf(new Map([['w', [4]]]));
  const [asked, unit] = [addNoise({ eta, gamma }), addNoise({ eta: 1, gamma: 0 })].map((link) => trainer(engine, link, infos, new Map([['w', new Float64Array(4)]])));
  const drawn = (training: typeof asked, step: number): number => {
    const before = training.params().get('w')![0];
    training.step(step, () => new Map([['w', new Float64Array(4)]]));
    return training.params().get('w')![0] - before;
  };
  const ratios = Array.from({ length: 1001 }, (_, step) => drawn(asked, step) / drawn(unit, step));
  asked.close();
  unit.close();
  return [{ what: 'standard deviations', actual: [1, 10, 100, 1000].map((t) => ratios[t]), expected: (output as Named).stddev_at_steps_1_10_100_1000 }];
};

const runMixupShares: Runner = ({ hyper, output }) => {
  const { mean, variance } = output as { readonly mean: readonly number[]; readonly variance: readonly number[] };
  const n = 20_000;
  return (hyper.alpha as readonly number[]).flatMap((alpha, i) => {
    const { lambda } = mixup({ alpha, per: 'example' }).sample(fold(key(5), i), [n, 1]) as { readonly lambda: Float64Array };
    const average = lambda.reduce((sum, l) => sum + l, 0) / n;
    return [
      within(`mean of lambda at ${alpha}`, Math.abs(average - mean[i]), 5 * Math.sqrt(variance[i] / n)),
      within(`variance of lambda at ${alpha}`, Math.abs(lambda.reduce((sum, l) => sum + (l - average) ** 2, 0) / n - variance[i]), 0.05 * variance[i]),
    ];
  });
};

export const stochastic: Family = {
  ...each(onTensors, {
    dropout: runDropout,
    spatial_dropout: runDropout,
    alpha_dropout: runAlphaDropout,
    stochastic_depth: runDepth,
    drop_connect: onKernel((kernel, { hyper, input }) => {
      const { keep_mask } = input as Named;
      return dropElements(kernel, floats(keep_mask), shapeOf(keep_mask as Nested), hyper.rate as number);
    }),
    weight_noise: onKernel((kernel, { hyper, input }) => {
      const noise = weightNoise(hyper.stddev as number).sample(key(1), { name: 'w', shape: kernel.shape, role: 'kernel' }, 0);
      const unit = weightNoise(1).sample(key(1), { name: 'w', shape: kernel.shape, role: 'kernel' }, 0);
      const given = floats((input as Named).standard_normal);
      return tf.add(kernel, tf.tensor(given.map((z, i) => z * (noise[i] / unit[i])), kernel.shape));
    }),
    gaussian_dropout: ({ hyper, output }) => {
      const rate = hyper.rate as number;
      const { multiplier_mean, multiplier_stddev } = output as { readonly multiplier_mean: number; readonly multiplier_stddev: number };
      const at = (z: number) => multiplyGaussian(tf.ones([1]), Float32Array.of(z), rate).dataSync()[0];
      const n = 100_000;
      const drawn = applied(gaussianDropout({ rate }), tf.ones([n]), {}, { training: true, from: key(2) }).outputs.dataSync<'float32'>();
      const mean = drawn.reduce((sum, y) => sum + y, 0) / n;
      return [
        { what: 'multiplier mean', actual: at(0), expected: multiplier_mean },
        { what: 'multiplier stddev', actual: at(1) - at(0), expected: multiplier_stddev },
        within('mean of draws', Math.abs(mean - multiplier_mean), (5 * multiplier_stddev) / Math.sqrt(n)),
        within('stddev of draws', Math.abs(Math.sqrt(drawn.reduce((sum, y) => sum + (y - mean) ** 2, 0) / n) / multiplier_stddev - 1), 0.02),
      ];
    },
    gaussian_noise: ({ hyper, input, output }) => {
      const { x, standard_normal } = input as Named;
      const { train, eval: evaluation } = output as Named;
      const stddev = hyper.stddev as number;
      return [
        { what: 'train', actual: nested(addGaussian(tensor(x), floats(standard_normal), stddev)), expected: train },
        { what: 'eval', actual: nested(applied(gaussianNoise({ stddev }), tensor(x), {}).outputs), expected: evaluation },
      ];
    },
  }),
  ...each(onArrays, {
    stochastic_depth_rates: ({ hyper, output }) => [{ what: 'rates', actual: stochasticDepthRates(hyper.blocks as number, hyper.final_rate as number), expected: (output as Named).rates_from_1_to_L }],
    add_noise: runGradientNoise,
    mixup: ({ hyper, input, output }) => {
      const examples = examplesOf(input as Named);
      const partner = Uint32Array.from(flatten((input as { readonly partner: Nested }).partner));
      return [{ what: 'batch', actual: shown(mixup().apply(examples, { partner, lambda: new Float64Array(examples.size).fill(hyper.lambda as number) })), expected: output }];
    },
    mixup_lambda: runMixupShares,
    cutmix: ({ hyper, input, output }) => {
      const { center_yx: [y, x], partner } = input as { readonly center_yx: readonly [number, number]; readonly partner: Nested };
      const examples = examplesOf(input as Named);
      const [size, height, width, channels] = examples.inputShape;
      const draw = cutAt(Uint32Array.from(flatten(partner)), new Float64Array(size).fill(hyper.lambda as number), () => ({ y, x }), { height, width, channels });
      const { box_y0x0y1x1, lambda_adjusted, ...batch } = output as Named;
      const { top, left, bottom, right } = draw.boxes[0];
      return [
        { what: 'box', actual: [top, left, bottom, right], expected: box_y0x0y1x1 },
        { what: 'lambda', actual: draw.lambda[0], expected: lambda_adjusted },
        { what: 'batch', actual: shown(cutmix().apply(examples, draw)), expected: batch },
      ];
    },
    cutout: ({ hyper, input, output }) => {
      const [top, left, bottom, right] = (input as { readonly box_y0x0y1x1: readonly number[] }).box_y0x0y1x1;
      const examples = examplesOf(input as Named);
      const { x } = shown(cutout({ fill: hyper.fill as number }).apply(examples, Array.from({ length: examples.size }, () => ({ top, left, bottom, right }))));
      return [{ what: 'x', actual: x, expected: (output as Named).x }];
    },
  }),
};
