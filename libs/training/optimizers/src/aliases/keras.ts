/**
 * Keras 3's optimizers under its names, with its options, defaults and conventions, for documents that come from there:
 * `{ name: 'keras.Adam', learning_rate: 1e-3, global_clipnorm: 1 }`. `weight_decay` spares nothing, as there.
 */
import { boolean, factory, hyper, nonNegative, positive, registry, unitHalfOpen, type Factory, type Hyper, type OptionTable } from '@gradstream/numerics';
import { adadelta } from '../optimizers/adadelta.ts';
import { adagrad } from '../optimizers/adagrad.ts';
import { adam } from '../optimizers/adam.ts';
import { adamax } from '../optimizers/adamax.ts';
import { adamw } from '../optimizers/adamw.ts';
import { amsgrad } from '../optimizers/amsgrad.ts';
import { lamb } from '../optimizers/lamb.ts';
import { lion } from '../optimizers/lion.ts';
import { scaleByMomentum } from '../optimizers/momentum.ts';
import { nadam } from '../optimizers/nadam.ts';
import { scaleByNesterov } from '../optimizers/nesterov.ts';
import { scaleByRms } from '../optimizers/rmsprop.ts';
import { sgd } from '../optimizers/sgd.ts';
import { clipByGlobalNorm } from '../transformations/clip-by-global-norm.ts';
import { clipByNorm } from '../transformations/clip-by-norm.ts';
import { clipByValue } from '../transformations/clip-by-value.ts';
import { scaleByLearningRate } from '../transformations/scale-by-learning-rate.ts';
import { chain, type Transformation } from '../transformation.ts';

const rate = hyper(nonNegative);
const decay = hyper(unitHalfOpen);
const limit = hyper(positive);

interface Clipping {
  readonly clipnorm?: Hyper;
  readonly global_clipnorm?: Hyper;
  readonly clipvalue?: Hyper;
}
interface Common extends Clipping {
  readonly learning_rate?: Hyper;
}
interface Moments extends Common {
  readonly beta_1?: Hyper;
  readonly beta_2?: Hyper;
  readonly epsilon?: Hyper;
}

const clippingRules = { clipnorm: limit, global_clipnorm: limit, clipvalue: limit };
const common = { learning_rate: rate };
const moments = { ...common, beta_1: decay, beta_2: decay, epsilon: rate };

/** A factory under Keras's name; the three ways of clipping come before the rule. */
const keras = <O extends Clipping>(name: string, rules: Omit<OptionTable<O>, keyof Clipping>, build: (options: O) => Transformation): Factory<O, Transformation> =>
  factory<O, Transformation>(`keras.${name}`, { ...rules, ...clippingRules } as OptionTable<O>, (options) => {
    const { clipnorm, global_clipnorm, clipvalue } = options;
    const clips = [
      ...(clipnorm === undefined ? [] : [clipByNorm({ maxNorm: clipnorm })]),
      ...(global_clipnorm === undefined ? [] : [clipByGlobalNorm({ maxNorm: global_clipnorm })]),
      ...(clipvalue === undefined ? [] : [clipByValue({ limit: clipvalue })]),
    ];
    const rule = build(options);
    return clips.length === 0 ? rule : chain(...clips, rule);
  });

const SGD = keras<Common & { momentum?: Hyper; nesterov?: boolean }>('SGD', { ...common, momentum: decay, nesterov: boolean }, ({ learning_rate: learningRate = 0.01, momentum = 0, nesterov = false }) => {
  if (momentum === 0) return sgd({ learningRate });
  return chain(scaleByLearningRate(learningRate), nesterov ? scaleByNesterov({ momentum }) : scaleByMomentum({ momentum }));
});

const RMSprop = keras<Common & { rho?: Hyper; momentum?: Hyper; epsilon?: Hyper; centered?: boolean }>(
  'RMSprop',
  { ...common, rho: decay, momentum: decay, epsilon: rate, centered: boolean },
  ({ learning_rate = 1e-3, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false }) =>
    chain(scaleByRms({ decay: rho, eps: epsilon, epsInside: true, centered }), scaleByLearningRate(learning_rate), ...(momentum === 0 ? [] : [scaleByMomentum({ momentum })])),
);

const Adagrad = keras<Common & { initial_accumulator_value?: number; epsilon?: Hyper }>(
  'Adagrad',
  { ...common, initial_accumulator_value: nonNegative, epsilon: rate },
  ({ learning_rate = 1e-3, initial_accumulator_value = 0.1, epsilon = 1e-7 }) => adagrad({ learningRate: learning_rate, initialAccumulator: initial_accumulator_value, eps: epsilon, epsInside: true }),
);

const Adadelta = keras<Common & { rho?: Hyper; epsilon?: Hyper }>('Adadelta', { ...common, rho: decay, epsilon: rate }, ({ learning_rate = 1e-3, rho = 0.95, epsilon = 1e-7 }) =>
  adadelta({ learningRate: learning_rate, decay: rho, eps: epsilon }));

const Adam = keras<Moments & { amsgrad?: boolean }>('Adam', { ...moments, amsgrad: boolean }, ({ learning_rate = 1e-3, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7, amsgrad: largest = false }) =>
  (largest ? amsgrad : adam)({ learningRate: learning_rate, b1: beta_1, b2: beta_2, eps: epsilon, epsHat: true }));

const AdamW = keras<Moments & { weight_decay?: Hyper; amsgrad?: boolean }>(
  'AdamW',
  { ...moments, weight_decay: rate, amsgrad: boolean },
  ({ learning_rate = 1e-3, weight_decay = 0.004, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7, amsgrad = false }) =>
    adamw({ learningRate: learning_rate, weightDecay: weight_decay, b1: beta_1, b2: beta_2, eps: epsilon, epsHat: true, amsgrad, mask: 'all' }),
);

const Adamax = keras<Moments>('Adamax', moments, ({ learning_rate = 1e-3, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7 }) => adamax({ learningRate: learning_rate, b1: beta_1, b2: beta_2, eps: epsilon }));

const Nadam = keras<Moments>('Nadam', moments, ({ learning_rate = 1e-3, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7 }) =>
  nadam({ learningRate: learning_rate, b1: beta_1, b2: beta_2, eps: epsilon, momentumDecay: 1 }));

const Lion = keras<Common & { beta_1?: Hyper; beta_2?: Hyper; weight_decay?: Hyper }>('Lion', { ...common, beta_1: decay, beta_2: decay, weight_decay: rate }, ({ learning_rate = 1e-3, beta_1 = 0.9, beta_2 = 0.99, weight_decay = 0 }) =>
  lion({ learningRate: learning_rate, b1: beta_1, b2: beta_2, weightDecay: weight_decay, mask: 'all' }));

const Lamb = keras<Moments>('Lamb', moments, ({ learning_rate = 1e-3, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7 }) => lamb({ learningRate: learning_rate, b1: beta_1, b2: beta_2, eps: epsilon, mask: 'all' }));

/** By Keras's class names, as `keras.<name>`. */
export const kerasOptimizers = registry<Transformation>(SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax, Nadam, Lion, Lamb);
