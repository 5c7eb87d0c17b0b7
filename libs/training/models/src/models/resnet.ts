/**
 * A small residual network for small images: He et al. 2016, https://arxiv.org/abs/1512.03385, section 4.2, with projections
 * where shapes change (option B), He initialization and, if asked, stochastic depth with linear decay (Huang et al. 2016).
 */
import { factory, listOf, oneOf, positiveInteger, unitClosed } from '@gradstream/numerics';
import { activation } from '../layers/activation.ts';
import { batchNorm } from '../layers/batch-norm.ts';
import { conv2d } from '../layers/conv2d.ts';
import { dense } from '../layers/dense.ts';
import { groupNorm } from '../layers/norms.ts';
import { globalAveragePool } from '../layers/pool.ts';
import { residual } from '../layers/residual.ts';
import { stochasticDepth, stochasticDepthRates } from '../layers/stochastic-depth.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';

export interface ResnetOptions {
  /** Channels of each stage; each but the first halves height and width. Default [16, 32, 64]. */
  readonly filters?: readonly number[];
  /** Residual blocks in each stage, two convolutions each. Default 1. */
  readonly blocks?: number;
  /** Default `batch`; `group` has groups of 8 channels and does not look at the batch. */
  readonly norm?: 'batch' | 'group';
  /** Rate of stochastic depth of the last block; earlier ones have less. Default 0. */
  readonly stochasticDepth?: number;
}

/** Convolution, stages of residual blocks, the mean over all places, and a dense output. */
export const resnet = factory<ResnetOptions, Model>(
  'resnet',
  { filters: listOf(positiveInteger, 1), blocks: positiveInteger, norm: oneOf('batch', 'group'), stochasticDepth: unitClosed },
  ({ filters = [16, 32, 64], blocks = 1, norm = 'batch', stochasticDepth: dropped = 0 }) => {
    const conv = (filters: number, stride: number) => conv2d({ filters, size: 3, stride, bias: false, kernelInit: 'heNormal' });
    const normalize = (channels: number): Layer => (norm === 'batch' ? batchNorm() : groupNorm({ groups: Math.max(1, Math.floor(channels / 8)) }));
    const relu = () => activation({ of: 'relu' });
    const rates = stochasticDepthRates(filters.length * blocks, dropped);

    const block = (channels: number, stride: number, rate: number): Layer[] => [
      residual({
        layers: [conv(channels, stride), normalize(channels), relu(), conv(channels, 1), normalize(channels), ...(rate > 0 ? [stochasticDepth({ rate })] : [])],
      }),
      relu(),
    ];

    return {
      name: 'resnet',
      layers: (_, width) => [
        conv(filters[0], 1),
        normalize(filters[0]),
        relu(),
        ...filters.flatMap((channels, stage) => Array.from({ length: blocks }, (_, i) => block(channels, stage > 0 && i === 0 ? 2 : 1, rates[stage * blocks + i])).flat()),
        globalAveragePool(),
        dense({ units: width, as: 'output' }),
      ],
    };
  },
);
