import { registry } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { accuracy } from './accuracy.ts';
import { gradientNorm } from './gradient-norm.ts';
import { mae, mse } from './regression.ts';

/** The metrics that documents know by name (kind `metric`). */
export const metrics = registry<Metric>(accuracy, gradientNorm, mae, mse);
