import { registry } from '@gradstream/numerics';
import type { Layer } from '../layer.ts';
import { activation } from './activation.ts';
import { batchNorm } from './batch-norm.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { flatten } from './flatten.ts';
import { averagePool, globalAveragePool, maxPool } from './pool.ts';
import { residual } from './residual.ts';

/** The layers that documents know by name (kind `layer`). */
export const layers = registry<Layer>(dense, conv2d, maxPool, averagePool, globalAveragePool, flatten, activation, dropout, batchNorm, residual);
