import { registry } from '@gradstream/numerics';
import type { Model } from '../model.ts';
import { cnn, cnnSmall } from './cnn.ts';
import { mlp } from './mlp.ts';
import { sequential } from './sequential.ts';

/** The models that documents know by name (kind `model`). */
export const models = registry<Model>(sequential, mlp, cnn, cnnSmall);
