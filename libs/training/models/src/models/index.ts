import { registry } from '@gradstream/numerics';
import type { Model } from '../model.ts';
import { cnn, cnnSmall } from './cnn.ts';
import { linear, randomFeatures } from './linear.ts';
import { mlp } from './mlp.ts';
import { resnet } from './resnet.ts';
import { sequential } from './sequential.ts';
import { transformer } from './transformer.ts';

/** The models that documents know by name (kind `model`). */
export const models = registry<Model>(sequential, linear, mlp, cnn, cnnSmall, resnet, transformer, randomFeatures);
