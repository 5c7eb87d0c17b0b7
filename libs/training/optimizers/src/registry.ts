/** The members that a document may name. */
import { buildFrom, factory, listOf, registry, type Registries, type Registry, type Schedule } from '@gradstream/numerics';
import { kerasOptimizers } from './aliases/keras.ts';
import { torchOptimizers } from './aliases/torch.ts';
import { aMask, type Mask } from './mask.ts';
import { adabelief, scaleByAdaBelief } from './optimizers/adabelief.ts';
import { adadelta, scaleByAdadelta } from './optimizers/adadelta.ts';
import { adafactor, scaleByFactoredRms, scaleByRelativeStep } from './optimizers/adafactor.ts';
import { adagrad, scaleByAdagrad } from './optimizers/adagrad.ts';
import { adam, scaleByAdam } from './optimizers/adam.ts';
import { adamax, scaleByAdamax } from './optimizers/adamax.ts';
import { adamw } from './optimizers/adamw.ts';
import { adan, scaleByAdan } from './optimizers/adan.ts';
import { amsgrad, scaleByAmsgrad } from './optimizers/amsgrad.ts';
import { asgd, scaleByAsgd } from './optimizers/asgd.ts';
import { lamb } from './optimizers/lamb.ts';
import { lars, scaleByLars } from './optimizers/lars.ts';
import { lion, scaleByLion } from './optimizers/lion.ts';
import { momentum, scaleByMomentum } from './optimizers/momentum.ts';
import { muon } from './optimizers/muon.ts';
import { nadam, scaleByNadam } from './optimizers/nadam.ts';
import { lookAheadByMomentum, nesterovLookahead } from './optimizers/nesterov-lookahead.ts';
import { nesterov, scaleByNesterov } from './optimizers/nesterov.ts';
import { radam, scaleByRadam } from './optimizers/radam.ts';
import { rmsprop, scaleByRms } from './optimizers/rmsprop.ts';
import { rprop, scaleByRprop } from './optimizers/rprop.ts';
import { scheduleFree, scheduleFreeAdamW, scheduleFreeSgd } from './optimizers/schedule-free.ts';
import { sgd } from './optimizers/sgd.ts';
import { sgdw } from './optimizers/sgdw.ts';
import { scaleBySignum, signSgd, signum } from './optimizers/signum.ts';
import { scaleByYogi, yogi } from './optimizers/yogi.ts';
import { accumulate } from './wrappers/accumulate.ts';
import { lookahead, synchronizeSlowWeights } from './wrappers/lookahead.ts';
import { sam } from './wrappers/sam.ts';
import { skipNonFinite } from './wrappers/skip-non-finite.ts';
import { addDecayedWeights } from './transformations/add-decayed-weights.ts';
import { addNoise } from './transformations/add-noise.ts';
import { averageByEma } from './transformations/average-by-ema.ts';
import { averageBySwa } from './transformations/average-by-swa.ts';
import { centralize } from './transformations/centralize.ts';
import { clipAdaptively } from './transformations/clip-adaptively.ts';
import { clipByGlobalNorm } from './transformations/clip-by-global-norm.ts';
import { clipByNorm } from './transformations/clip-by-norm.ts';
import { clipByRms } from './transformations/clip-by-rms.ts';
import { clipByValue } from './transformations/clip-by-value.ts';
import { decayProximally } from './transformations/decay-proximally.ts';
import { freeze } from './transformations/freeze.ts';
import { orthogonalize } from './transformations/orthogonalize.ts';
import { scaleByEma } from './transformations/scale-by-ema.ts';
import { scaleByLearningRate } from './transformations/scale-by-learning-rate.ts';
import { scaleBySign } from './transformations/scale-by-sign.ts';
import { scaleByTrustRatio } from './transformations/scale-by-trust-ratio.ts';
import { scale } from './transformations/scale.ts';
import { join, product, warmup } from './schedules/combine.ts';
import { constant } from './schedules/constant.ts';
import { cosine } from './schedules/cosine.ts';
import { cyclic, cyclicMomentum } from './schedules/cyclic.ts';
import { exponential } from './schedules/exponential.ts';
import { inverseTime } from './schedules/inverse-time.ts';
import { linear } from './schedules/linear.ts';
import { multiStep } from './schedules/multi-step.ts';
import { noam } from './schedules/noam.ts';
import { oneCycle, oneCycleMomentum } from './schedules/one-cycle.ts';
import { piecewise } from './schedules/piecewise.ts';
import { polynomial } from './schedules/polynomial.ts';
import { rangeTest } from './schedules/range-test.ts';
import { step } from './schedules/step.ts';
import { warmRestarts } from './schedules/warm-restarts.ts';
import { warmupCosine } from './schedules/warmup-cosine.ts';
import { warmupStableDecay } from './schedules/warmup-stable-decay.ts';
import { aTransformation, chain, masked, type Transformation } from './transformation.ts';

/** Whole optimizers, each with its learning rate. */
export const optimizers: Registry<Transformation> = registry(
  adabelief, adadelta, adafactor, adagrad, adam, adamax, adamw, adan, amsgrad, asgd, lamb, lars, lion, momentum, muon, nadam, nesterov,
  nesterovLookahead, radam, rmsprop, rprop, scheduleFreeAdamW, scheduleFreeSgd, sgd, sgdw, signSgd, signum, yogi,
);

const chained = factory<{ links: readonly Transformation[] }, Transformation>('chain', { links: listOf(aTransformation) }, ({ links }) => chain(...links), ['links']);
const maskedBy = factory<{ inner: Transformation; mask: Mask }, Transformation>('masked', { inner: aTransformation, mask: aMask }, ({ inner, mask }) => masked(inner, mask), ['inner', 'mask']);

/** Everything that may stand in a chain: optimizers (torch's and Keras's names too), their rules, and what comes before, behind and around them. */
export const transformations: Registry<Transformation> = {
  ...optimizers,
  ...registry(
  accumulate, lookahead, sam, skipNonFinite,
  addDecayedWeights, addNoise, averageByEma, averageBySwa, centralize, clipAdaptively, clipByGlobalNorm, clipByNorm, clipByRms, clipByValue,
  decayProximally, freeze, lookAheadByMomentum, orthogonalize, scale, scaleByAdaBelief, scaleByAdadelta, scaleByAdagrad, scaleByAdam, scaleByAdamax,
  scaleByAdan, scaleByAmsgrad, scaleByAsgd, scaleByEma, scaleByFactoredRms, scaleByLars, scaleByLearningRate, scaleByLion, scaleByMomentum,
  scaleByNadam, scaleByNesterov, scaleByRadam, scaleByRelativeStep, scaleByRms, scaleByRprop, scaleBySign, scaleBySignum, scaleByTrustRatio,
  scaleByYogi, scheduleFree, synchronizeSlowWeights, chained, maskedBy,
  ),
  ...torchOptimizers,
  ...kerasOptimizers,
};

/** Functions of the step. */
export const schedules: Registry<Schedule> = registry(
  constant, cosine, cyclic, cyclicMomentum, exponential, inverseTime, join, linear, multiStep, noam, oneCycle, oneCycleMomentum, piecewise,
  polynomial, product, rangeTest, step, warmRestarts, warmup, warmupCosine, warmupStableDecay,
);

/** Both kinds, as `buildFrom` takes them. */
export const optimizerRegistries: Registries = { transformation: transformations, schedule: schedules };

/**
 * Makes a transformation from its document form: a name, or `{ name, …options }`; `toSpec` is the way back.
 * torch's and Keras's own names are read too, with their options: `torch.AdamW`, `torch.optim.AdamW`, `keras.Adam`, `keras.optimizers.Adam`.
 *
 * @throws InputError for unknown names and options (with the nearest known one) and for values out of range
 */
export function fromSpec(document: unknown, path = 'optimizer'): Transformation {
  return buildFrom<Transformation>(optimizerRegistries, 'transformation', shortened(document), path);
}

function shortened(document: unknown): unknown {
  const short = (name: string): string => name.replace(/^torch\.optim\./, 'torch.').replace(/^(tf\.)?keras\.optimizers\./, 'keras.');
  if (typeof document === 'string') return short(document);
  if (typeof document !== 'object' || document === null) return document;
  const { name } = document as { name?: unknown };
  return typeof name === 'string' ? { ...document, name: short(name) } : document;
}
