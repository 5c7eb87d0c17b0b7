import { registry } from '@gradstream/numerics';
import type { Objective } from '../objective.ts';
import { meanSquaredError } from './mean-squared-error.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/** The objectives that documents know by name (kind `objective`). */
export const objectives = registry<Objective>(softmaxCrossEntropy, meanSquaredError);
