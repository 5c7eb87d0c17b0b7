import { registry } from '@gradstream/numerics';
import { nonNegativeWeights } from './constraints/non-negative.ts';
import { maxNorm, minMaxNorm, unitNorm } from './constraints/norms.ts';
import { proximalL1 } from './constraints/proximal-l1.ts';
import { spectralNorm } from './constraints/spectral-norm.ts';
import { weightNoise } from './noise/weight-noise.ts';
import { elasticNet } from './penalties/elastic-net.ts';
import { groupLasso } from './penalties/group-lasso.ts';
import { jacobian } from './penalties/jacobian.ts';
import { l1 } from './penalties/l1.ts';
import { l2 } from './penalties/l2.ts';
import { orthogonal } from './penalties/orthogonal.ts';
import { spectral } from './penalties/spectral.ts';
import type { Regularizer } from './regularizer.ts';

/** The regularizers that documents know by name (kind `regularizer`). */
export const regularizers = registry<Regularizer>(
  l1, l2, elasticNet, groupLasso, orthogonal, spectral, jacobian,
  maxNorm, unitNorm, minMaxNorm, nonNegativeWeights, spectralNorm, proximalL1,
  weightNoise,
);
