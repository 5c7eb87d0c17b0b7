import { registry } from '@gradstream/numerics';
import type { Metric } from '../metric.ts';
import { accuracy } from './accuracy.ts';
import { auc } from './auc.ts';
import { calibrationError } from './calibration.ts';
import { confusionMatrix, f1, topK } from './classification.ts';
import { gradientNorm, weightNorm } from './gradient-norm.ts';
import { perplexity } from './perplexity.ts';
import { mae, mse, rSquared } from './regression.ts';

/** The metrics that documents know by name (kind `metric`). */
export const metrics = registry<Metric>(accuracy, topK, confusionMatrix, f1, auc, calibrationError, perplexity, mse, mae, rSquared, gradientNorm, weightNorm);
