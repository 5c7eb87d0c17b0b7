import { registry } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { sigmoidFocal, softmaxFocal } from './focal.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import { huber, logCosh, meanAbsoluteError, meanSquaredError, smoothL1 } from './regression.ts';
import { sigmoidCrossEntropy } from './sigmoid-cross-entropy.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/** The objectives that documents know by name (kind `objective`). */
export const objectives = registry<Objective>(
  softmaxCrossEntropy, sigmoidCrossEntropy, softmaxFocal, sigmoidFocal, kullbackLeibler,
  meanSquaredError, meanAbsoluteError, huber, smoothL1, logCosh,
);
