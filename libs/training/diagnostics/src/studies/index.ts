import { studiesOf } from '../recipe/study.ts';
import { batchScaling } from './batch-scaling.ts';
import { branches } from './branches.ts';
import { edgeOfStability } from './edge-of-stability.ts';
import { disagreement, mislabelFinder, testPeeking } from './labels.ts';
import { batchSharpness, batchSlice } from './large-batches.ts';
import { learningRateRange, optimizerRace } from './learning-rates.ts';
import { masksAndEnsembles } from './masks-and-ensembles.ts';
import { doubleDescent } from './random-features.ts';
import { smallData } from './small-data.ts';
import { sparseFeatures } from './sparse-features.ts';
import { networkPopulation } from './network-population.ts';
import { training } from './training.ts';

/** Studies of what holds on the average: each trains, or fits, and measures. */
export const statisticalStudies = studiesOf(
  training, learningRateRange, optimizerRace, doubleDescent, batchSharpness, batchSlice, edgeOfStability, disagreement, mislabelFinder, testPeeking,
  smallData, networkPopulation, sparseFeatures, batchScaling, masksAndEnsembles, branches,
);
