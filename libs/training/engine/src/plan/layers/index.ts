import type { Planner } from '../site.ts';
import { attention } from './attention.ts';
import { dropConnect, randomProjection, standardizedConv2d } from './changed-kernel.ts';
import { conv1d } from './conv1d.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { activation, dropout, flatten } from './elementwise.ts';
import { embedding, positionEmbedding } from './embedding.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm, rmsNorm } from './norm.ts';
import { alphaDropout, gaussianDropout, gaussianNoise, spatialDropout, stochasticDepth } from './noise.ts';
import { averagePool, globalAveragePool, maxPool } from './pool.ts';
import { residual } from './residual.ts';

/** The layers that a plan covers, by kind; a model with any other takes the tape path. */
export const planners: Readonly<Record<string, Planner>> = {
  dense, dropConnect, randomProjection, conv1d, conv2d, standardizedConv2d, depthwiseConv2d, maxPool, averagePool, globalAveragePool, activation, dropout, spatialDropout, alphaDropout, gaussianDropout, gaussianNoise, stochasticDepth, flatten, batchNorm, layerNorm, groupNorm, instanceNorm, rmsNorm, embedding, positionEmbedding, attention, residual,
};
