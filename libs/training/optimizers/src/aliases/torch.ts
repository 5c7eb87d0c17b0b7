/**
 * torch's optimizers under torch's names, with torch's options, defaults and conventions, for documents that come from there:
 * `{ name: 'torch.AdamW', lr: 1e-3, weight_decay: 0.05 }`. `weight_decay` spares nothing, as there.
 */
import { boolean, factory, hyper, InputError, nonNegative, registry, unitHalfOpen, type Factory, type Hyper, type OptionTable } from '@gradstream/numerics';
import { adadelta } from '../optimizers/adadelta.ts';
import { adagrad } from '../optimizers/adagrad.ts';
import { adam } from '../optimizers/adam.ts';
import { adamax } from '../optimizers/adamax.ts';
import { adamw } from '../optimizers/adamw.ts';
import { amsgrad } from '../optimizers/amsgrad.ts';
import { asgd } from '../optimizers/asgd.ts';
import { momentum } from '../optimizers/momentum.ts';
import { nadam } from '../optimizers/nadam.ts';
import { nesterov } from '../optimizers/nesterov.ts';
import { radam } from '../optimizers/radam.ts';
import { rmsprop } from '../optimizers/rmsprop.ts';
import { rprop } from '../optimizers/rprop.ts';
import { sgd } from '../optimizers/sgd.ts';
import { pairOf } from '../rules.ts';
import { product } from '../schedules/combine.ts';
import { inverseTime } from '../schedules/inverse-time.ts';
import { addDecayedWeights } from '../transformations/add-decayed-weights.ts';
import { chain, type Transformation } from '../transformation.ts';

const rate = hyper(nonNegative);
const decay = hyper(unitHalfOpen);
const common = { lr: rate, weight_decay: rate };
const moments = { ...common, betas: pairOf(unitHalfOpen), eps: rate };

interface Common {
  readonly lr?: Hyper;
  readonly weight_decay?: Hyper;
}
interface Moments extends Common {
  readonly betas?: readonly [number, number];
  readonly eps?: Hyper;
}

/** torch's L2 penalty: in front of the rule, on every param. */
const penalized = (weightDecay: Hyper | undefined, rule: Transformation): Transformation =>
  weightDecay === undefined || weightDecay === 0 ? rule : chain(addDecayedWeights({ weightDecay, mask: 'all' }), rule);

const torch = <O extends object>(name: string, rules: OptionTable<O>, build: (options: O) => Transformation): Factory<O, Transformation> => factory(`torch.${name}`, rules, build);

const SGD = torch<Common & { momentum?: Hyper; dampening?: Hyper; nesterov?: boolean }>(
  'SGD',
  { ...common, momentum: decay, dampening: rate, nesterov: boolean },
  ({ lr = 1e-3, momentum: mu = 0, dampening = 0, weight_decay, nesterov: ahead = false }) => {
    if (ahead && (mu === 0 || dampening !== 0)) throw new InputError('torch.SGD: nesterov needs a momentum above 0 and dampening 0');
    const rule = ahead ? nesterov({ learningRate: lr, momentum: mu }) : mu === 0 ? sgd({ learningRate: lr }) : momentum({ learningRate: lr, momentum: mu, dampening });
    return penalized(weight_decay, rule);
  },
);

const Adagrad = torch<Common & { lr_decay?: number; initial_accumulator_value?: number; eps?: Hyper }>(
  'Adagrad',
  { ...common, lr_decay: nonNegative, initial_accumulator_value: nonNegative, eps: rate },
  ({ lr = 0.01, lr_decay = 0, initial_accumulator_value: initialAccumulator = 0, eps = 1e-10, weight_decay }) => {
    const falling = inverseTime({ initial: 1, decay: lr_decay });
    if (lr_decay > 0 && typeof lr === 'object') throw new InputError('torch.Adagrad: lr_decay needs an lr that is a number or a schedule, received an observable');
    return penalized(weight_decay, adagrad({ learningRate: lr_decay > 0 && typeof lr !== 'object' ? product({ schedules: [lr, falling] }) : lr, initialAccumulator, eps }));
  },
);

const Adadelta = torch<Common & { rho?: Hyper; eps?: Hyper }>('Adadelta', { ...common, rho: decay, eps: rate }, ({ lr = 1, rho = 0.9, eps = 1e-6, weight_decay }) =>
  penalized(weight_decay, adadelta({ learningRate: lr, decay: rho, eps })));

const RMSprop = torch<Common & { alpha?: Hyper; eps?: Hyper; momentum?: Hyper; centered?: boolean }>(
  'RMSprop',
  { ...common, alpha: decay, eps: rate, momentum: decay, centered: boolean },
  ({ lr = 0.01, alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weight_decay }) => penalized(weight_decay, rmsprop({ learningRate: lr, decay: alpha, eps, momentum, centered })),
);

const Adam = torch<Moments & { amsgrad?: boolean }>('Adam', { ...moments, amsgrad: boolean }, ({ lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay, amsgrad: largest = false }) =>
  penalized(weight_decay, (largest ? amsgrad : adam)({ learningRate: lr, b1, b2, eps })));

const AdamW = torch<Moments & { amsgrad?: boolean }>('AdamW', { ...moments, amsgrad: boolean }, ({ lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay = 0.01, amsgrad = false }) =>
  adamw({ learningRate: lr, b1, b2, eps, weightDecay: weight_decay, amsgrad, mask: 'all' }));

const NAdam = torch<Moments & { momentum_decay?: Hyper }>('NAdam', { ...moments, momentum_decay: rate }, ({ lr = 2e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay, momentum_decay = 4e-3 }) =>
  penalized(weight_decay, nadam({ learningRate: lr, b1, b2, eps, momentumDecay: momentum_decay })));

const RAdam = torch<Moments>('RAdam', moments, ({ lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay }) => penalized(weight_decay, radam({ learningRate: lr, b1, b2, eps })));

const Adamax = torch<Moments>('Adamax', moments, ({ lr = 2e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-8, weight_decay }) => penalized(weight_decay, adamax({ learningRate: lr, b1, b2, eps, epsInMax: true })));

const Rprop = torch<{ lr?: number; etas?: readonly [number, number]; step_sizes?: readonly [number, number] }>(
  'Rprop',
  { lr: nonNegative, etas: pairOf(nonNegative), step_sizes: pairOf(nonNegative) },
  ({ lr = 0.01, etas: [shrink, grow] = [0.5, 1.2], step_sizes: [minStep, maxStep] = [1e-6, 50] }) => rprop({ initialStep: lr, shrink, grow, minStep, maxStep }),
);

const ASGD = torch<Common & { lambd?: Hyper; alpha?: Hyper; t0?: number }>('ASGD', { ...common, lambd: rate, alpha: rate, t0: nonNegative }, ({ lr = 0.01, lambd = 1e-4, alpha = 0.75, t0 = 1e6, weight_decay }) =>
  penalized(weight_decay, asgd({ learningRate: lr, lambda: lambd, power: alpha, averageAfter: t0, roundStepSize: true })));

/** By torch's class names, as `torch.<name>`. */
export const torchOptimizers = registry<Transformation>(SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW, NAdam, RAdam, Adamax, Rprop, ASGD);
