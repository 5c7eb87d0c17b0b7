/**
 * Muon: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks", https://kellerjordan.github.io/posts/muon/,
 * with the decay and scale of Liu et al. 2025, "Muon is Scalable for LLM Training", https://arxiv.org/abs/2502.16982
 *
 *   m ← momentum·m + g        u = orthogonalize(g + momentum·m) · √max(1, rows/columns)        p ← p − α · (u + weightDecay·p)
 *
 * For matrices of hidden layers only; everything else (biases, norms, embeddings, convolutions) follows Adam with a learning rate of its own.
 * Rows are the first axis: kernels here are [in, out], torch's are [out, in].
 *
 * @torch 2.9: Nesterov, scale √max(1, rows/columns) of its own layout
 * @keras the same idea; Adam for what its layout test leaves
 * @tfjs not there
 */
import { boolean, factory, hyper, nonNegative, unitHalfOpen, type Hyper, type ParamInfo } from '@gradstream/numerics';
import { aMask, maskOf, type Mask } from '../mask.ts';
import { addDecayedWeights } from '../transformations/add-decayed-weights.ts';
import { orthogonalize } from '../transformations/orthogonalize.ts';
import { learningRateRules, scaleByLearningRate, type LearningRateOptions } from '../transformations/scale-by-learning-rate.ts';
import { chain, partition, type Partition } from '../transformation.ts';
import { adam } from './adam.ts';
import { scaleByMomentum } from './momentum.ts';
import { scaleByNesterov } from './nesterov.ts';

export interface MuonOptions extends LearningRateOptions {
  /** How much of the gathered direction stays, in [0, 1). Default 0.95. */
  readonly momentum?: Hyper;
  /** Nesterov's direction instead of the plain momentum. Default true. */
  readonly nesterov?: boolean;
  /** Strength of the decay of the matrices, at least 0. Default 0. */
  readonly weightDecay?: Hyper;
  /** Learning rate of Adam for all other params. Default 3e-4. */
  readonly auxLearningRate?: Hyper;
  /** Which params are matrices of hidden layers. Default: kernels with two axes. */
  readonly mask?: Mask;
}

const isMatrix = ({ role, shape }: ParamInfo): boolean => role === 'kernel' && shape.length === 2;

/** Muon, with Adam beside it. */
export const muon = factory<MuonOptions, Partition>(
  'muon',
  { ...learningRateRules, momentum: hyper(unitHalfOpen), nesterov: boolean, weightDecay: hyper(nonNegative), auxLearningRate: hyper(nonNegative), mask: aMask },
  ({ learningRate, momentum = 0.95, nesterov = true, weightDecay = 0, auxLearningRate = 3e-4, mask = isMatrix }) => {
    const inMask = maskOf(mask);
    return partition(
      {
        matrices: chain(nesterov ? scaleByNesterov({ momentum }) : scaleByMomentum({ momentum }), orthogonalize(), addDecayedWeights({ weightDecay, mask: 'all' }), scaleByLearningRate(learningRate)),
        others: adam({ learningRate: auxLearningRate }),
      },
      (param) => (inMask(param) ? 'matrices' : 'others'),
    );
  },
  ['learningRate'],
);
