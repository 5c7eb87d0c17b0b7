import { registry } from '@gradstream/numerics';
import type { Layer } from '../layer.ts';
import { activation } from './activation.ts';
import { alphaDropout } from './alpha-dropout.ts';
import { attention } from './attention.ts';
import { batchNorm } from './batch-norm.ts';
import { conv1d } from './conv1d.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { dropConnect } from './drop-connect.ts';
import { dropout, spatialDropout } from './dropout.ts';
import { embedding, positionEmbedding } from './embedding.ts';
import { flatten } from './flatten.ts';
import { gaussianDropout, gaussianNoise } from './gaussian.ts';
import { groupNorm, instanceNorm, layerNorm, rmsNorm } from './norms.ts';
import { averagePool, globalAveragePool, maxPool } from './pool.ts';
import { randomProjection } from './random-projection.ts';
import { residual } from './residual.ts';
import { stochasticDepth } from './stochastic-depth.ts';
import { standardizedConv2d } from './weight-standardization.ts';

/** The layers that documents know by name (kind `layer`). */
export const layers = registry<Layer>(
  dense, conv1d, conv2d, depthwiseConv2d, standardizedConv2d, embedding, positionEmbedding, attention, randomProjection,
  activation, flatten, maxPool, averagePool, globalAveragePool, residual,
  batchNorm, layerNorm, groupNorm, instanceNorm, rmsNorm,
  dropout, spatialDropout, alphaDropout, gaussianDropout, gaussianNoise, dropConnect, stochasticDepth,
);
