/**
 * A small transformer for sequences of tokens: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762, as a stack of
 * decoder blocks with normalization before each branch (Radford et al. 2019; Xiong et al. 2020, https://arxiv.org/abs/2002.04745).
 */
import { boolean, factory, InputError, oneOf, positiveInteger, unitHalfOpen } from '@gradstream/numerics';
import { activationName, type Activation } from '../activations.ts';
import { attention } from '../layers/attention.ts';
import { dense } from '../layers/dense.ts';
import { dropout as drop } from '../layers/dropout.ts';
import { embedding, positionEmbedding } from '../layers/embedding.ts';
import { layerNorm, rmsNorm } from '../layers/norms.ts';
import { residual } from '../layers/residual.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';

export interface TransformerOptions {
  /** Channels of each position. Default 64. */
  readonly units?: number;
  /** Blocks of attention and a dense branch. Default 2. */
  readonly blocks?: number;
  /** Heads of attention; divides `units`. Default 4. */
  readonly heads?: number;
  /** Width of the dense branches, in `units`. Default 4. */
  readonly expansion?: number;
  /** Of the dense branches. Default `gelu`; `relu` is cheaper where nothing fuses it. */
  readonly activation?: Activation;
  /** Rate of dropout at the end of each branch, in [0, 1). Default 0. */
  readonly dropout?: number;
  /** Whether a position sees only itself and earlier ones. Default true. */
  readonly causal?: boolean;
  /** Default `layer`. */
  readonly norm?: 'layer' | 'rms';
  /** Number of tokens. Default: as many as the targets have classes. */
  readonly vocabulary?: number;
}

/** Tokens [positions] to logits [positions, classes]: at each position, what comes next. */
export const transformer = factory<TransformerOptions, Model>(
  'transformer',
  {
    units: positiveInteger, blocks: positiveInteger, heads: positiveInteger, expansion: positiveInteger, activation: activationName, dropout: unitHalfOpen,
    causal: boolean, norm: oneOf('layer', 'rms'), vocabulary: positiveInteger,
  },
  ({ units = 64, blocks = 2, heads = 4, expansion = 4, activation = 'gelu', dropout = 0, causal = true, norm = 'layer', vocabulary }) => {
    if (units % heads !== 0) throw new InputError(`transformer: heads must divide units, received ${heads} and ${units}`);
    const normalize = (): Layer => (norm === 'layer' ? layerNorm() : rmsNorm());
    const branch = (...layers: Layer[]): Layer => residual({ layers: [normalize(), ...layers, ...(dropout > 0 ? [drop({ rate: dropout })] : [])] });
    return {
      name: 'transformer',
      layers: (_, width) => [
        embedding({ vocabulary: vocabulary ?? width, units }),
        positionEmbedding(),
        ...Array.from({ length: blocks }, () => [
          branch(attention({ heads, causal })),
          branch(dense({ units: expansion * units, activation }), dense({ units })),
        ]).flat(),
        normalize(),
        dense({ units: width, as: 'output' }),
      ],
    };
  },
);
