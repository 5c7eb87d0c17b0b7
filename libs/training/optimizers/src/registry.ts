/** The members that a document may name. */
import { factory, listOf, registry, type Registries, type Registry, type Schedule } from '@gradstream/numerics';
import { aMask, type Mask } from './mask.ts';
import { adam, scaleByAdam } from './optimizers/adam.ts';
import { adamw } from './optimizers/adamw.ts';
import { amsgrad, scaleByAmsgrad } from './optimizers/amsgrad.ts';
import { momentum, scaleByMomentum } from './optimizers/momentum.ts';
import { nesterov, scaleByNesterov } from './optimizers/nesterov.ts';
import { sgd } from './optimizers/sgd.ts';
import { constant } from './schedules/constant.ts';
import { cosine } from './schedules/cosine.ts';
import { warmupCosine } from './schedules/warmup-cosine.ts';
import { addDecayedWeights } from './transformations/add-decayed-weights.ts';
import { clipByGlobalNorm } from './transformations/clip-by-global-norm.ts';
import { scaleByLearningRate } from './transformations/scale-by-learning-rate.ts';
import { aTransformation, chain, masked, type Transformation } from './transformation.ts';

/** Whole optimizers, each with its learning rate. */
export const optimizers: Registry<Transformation> = registry(adam, adamw, amsgrad, momentum, nesterov, sgd);

const chained = factory<{ links: readonly Transformation[] }, Transformation>('chain', { links: listOf(aTransformation) }, ({ links }) => chain(...links), ['links']);
const maskedBy = factory<{ inner: Transformation; mask: Mask }, Transformation>('masked', { inner: aTransformation, mask: aMask }, ({ inner, mask }) => masked(inner, mask), ['inner', 'mask']);

/** Everything that may stand in a chain: optimizers, their rules, and what comes before and behind them. */
export const transformations: Registry<Transformation> = {
  ...optimizers,
  ...registry(addDecayedWeights, chained, clipByGlobalNorm, maskedBy, scaleByAdam, scaleByAmsgrad, scaleByLearningRate, scaleByMomentum, scaleByNesterov),
};

/** Functions of the step. */
export const schedules: Registry<Schedule> = registry(constant, cosine, warmupCosine);

/** Both kinds, as `buildFrom` takes them. */
export const optimizerRegistries: Registries = { transformation: transformations, schedule: schedules };
