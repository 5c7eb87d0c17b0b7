import type { Planner } from '../site.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { activation, dropout, flatten } from './elementwise.ts';
import { embedding, positionEmbedding } from './embedding.ts';
import { batchNorm, layerNorm } from './norm.ts';
import { averagePool, globalAveragePool, maxPool } from './pool.ts';
import { residual } from './residual.ts';

/** The layers that a plan covers, by kind; a model with any other takes the tape path. */
export const planners: Readonly<Record<string, Planner>> = {
  dense, conv2d, depthwiseConv2d, maxPool, averagePool, globalAveragePool, activation, dropout, flatten, batchNorm, layerNorm, embedding, positionEmbedding, residual,
};
