/** Models that plans are held to the tape by, and batches for them. */
import { fold, key, type Batch, type Targets } from '@gradstream/numerics';
import { softmaxCrossEntropy, type Objective } from '@gradstream/losses';
import {
  activation, alphaDropout, attention, averagePool, batchNorm, build, cnn, conv1d, conv2d, dense, depthwiseConv2d, dropConnect, embedding, flatten, gaussianDropout, gaussianNoise, globalAveragePool,
  groupNorm, instanceNorm, layerNorm, maxPool, mlp, positionEmbedding, randomProjection, residual, resnet, rmsNorm, sequential, spatialDropout, standardizedConv2d, stochasticDepth, transformer,
  type Layer, type Model,
} from '@gradstream/models';
import { sgd, type Transformation } from '@gradstream/optimizers';
import type { Regularizer } from '@gradstream/regularizers';
import { tapeTrainer } from '../tape.ts';
import type { Trainer } from '../trainer.ts';
import { planTrainer } from './trainer.ts';

export interface Case {
  readonly model: Model;
  readonly inputShape: readonly number[];
  readonly width?: number;
  readonly batch?: number;
  readonly kind?: Targets;
  readonly tokens?: number;
  readonly bytes?: boolean;
  readonly objective?: Objective;
  readonly regularizers?: readonly Regularizer[];
  readonly optimizer?: Transformation;
  readonly positions?: number;
}

const pseudo = (n: number, seed: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed + ((i * i) % 13)));

export function batchOf({ inputShape, width = 3, batch: size = 6, kind = 'classes', tokens, bytes, positions = 1 }: Case, step: number): Batch {
  const n = size * inputShape.reduce((a, b) => a * b, 1);
  const raw = pseudo(n, step);
  const inputs = tokens ? Int32Array.from(raw, (x) => Math.floor(((x + 1) / 2.001) * tokens)) : bytes ? Uint8Array.from(raw, (x) => Math.floor((x + 1) * 127)) : raw;
  const rows = size * positions;
  const shape = positions > 1 ? [size, positions] : [size];
  const targets =
    kind === 'classes'
      ? { kind, width, shape, values: Int32Array.from(pseudo(rows, step + 99), (x) => Math.floor(((x + 1) / 2.001) * width)) }
      : kind === 'values'
        ? { kind, width, shape: [...shape, width], values: pseudo(rows * width, step + 7) }
        : { kind, width, shape: [...shape, width], values: Float32Array.from({ length: rows * width }, (_, i) => [0.7, 0.3, 0][(i + step) % 3]) };
  return { size, inputShape: [size, ...inputShape], inputs, targets, step, epoch: 0, index: step, batchesPerEpoch: 100, ids: new Uint32Array(size), key: fold(key(5), step) } as Batch;
}

export function both(c: Case): { plan: Trainer; tape: Trainer } {
  const description = {
    model: build(c.model, c.inputShape, c.width ?? 3),
    objective: (c.objective ?? softmaxCrossEntropy()) as Objective,
    regularizers: c.regularizers ?? [],
    optimizer: c.optimizer ?? sgd({ learningRate: 0.05 }),
    key: key(11),
  };
  const plan = planTrainer(description, 'wasm');
  if (typeof plan === 'string') throw new Error(plan);
  return { plan, tape: tapeTrainer(description, 'wasm') };
}

/** Largest difference over all params, relative to the largest value of each. */
export function distance(a: Trainer, b: Trainer): number {
  const other = b.weights();
  let worst = 0;
  for (const [name, { values }] of a.weights()) {
    const scale = Math.max(1e-3, ...values.map(Math.abs));
    values.forEach((v, i) => (worst = Math.max(worst, Number.isNaN(v) ? Infinity : Math.abs(v - other.get(name)!.values[i]) / scale)));
  }
  return worst;
}

export const layersOf = (...layers: Layer[]): Model => sequential({ layers });
export const head = () => [flatten(), dense({ units: 3 })];

/** Every layer, alone and beside others. */
export const models: Record<string, Case> = {
  'a multi-layer perceptron': { model: mlp({ hidden: [16, 9] }), inputShape: [7] },
  'a perceptron with dropout': { model: mlp({ hidden: [16, 8], dropout: 0.3 }), inputShape: [7] },
  'bytes': { model: mlp({ hidden: [8] }), inputShape: [5, 4, 1], bytes: true },
  'a small convolutional network': { model: cnn({ filters: [4, 6], size: 3, hidden: [10] }), inputShape: [12, 11, 2] },
  'convolutions with dropout and batch norm': { model: cnn({ filters: [4, 8], size: 5, hidden: [10], dropout: 0.2, batchNorm: true }), inputShape: [9, 9, 1] },
  'a stride of two': { model: layersOf(conv2d({ filters: 5, size: 3, stride: 2, activation: 'tanh' }), conv2d({ filters: 9, size: [2, 3], stride: [1, 2], padding: 'valid', activation: 'relu' }), ...head()), inputShape: [11, 10, 3] },
  'average pools': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'relu' }), averagePool({ size: 3, stride: 2, padding: 'same' }), conv2d({ filters: 4, size: 1 }), globalAveragePool(), dense({ units: 3 })), inputShape: [8, 9, 2] },
  'overlapping max pools': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'elu' }), maxPool({ size: 3, stride: 2, padding: 'same' }), ...head()), inputShape: [8, 9, 2] },
  'depthwise convolutions': { model: layersOf(depthwiseConv2d({ size: 3, multiplier: 2, activation: 'relu' }), conv2d({ filters: 6, size: 1, activation: 'relu' }), depthwiseConv2d({ size: 3, stride: 2 }), ...head()), inputShape: [8, 7, 3] },
  'residual blocks': { model: layersOf(dense({ units: 8, activation: 'relu' }), residual({ layers: [dense({ units: 8, activation: 'relu' })] }), residual({ layers: [dense({ units: 5, activation: 'relu' }), dense({ units: 6 })] }), activation({ of: 'relu' }), dense({ units: 3 })), inputShape: [4] },
  'a residual network': { model: resnet({ filters: [4, 6], blocks: 1 }), inputShape: [8, 8, 2] },
  'layer norm over an embedding': { model: layersOf(embedding({ vocabulary: 11, units: 6 }), positionEmbedding(), layerNorm(), dense({ units: 8, activation: 'gelu' }), dense({ units: 3 })), inputShape: [5], tokens: 11, positions: 5 },
  'a causal transformer': { model: transformer({ units: 8, blocks: 2, heads: 2, dropout: 0.1 }), inputShape: [7], width: 11, tokens: 11, positions: 7, optimizer: sgd({ learningRate: 0.02 }) },
  'attention to all positions, RMS norm': { model: transformer({ units: 12, blocks: 1, heads: 3, causal: false, norm: 'rms', activation: 'relu' }), inputShape: [5], width: 9, tokens: 9, positions: 5 },
  'attention over numbers, behind a relu': { model: layersOf(dense({ units: 6, activation: 'relu' }), attention({ heads: 1 }), flatten(), dense({ units: 3 })), inputShape: [4, 5] },
  'group norm': { model: layersOf(conv2d({ filters: 6, size: 3, activation: 'relu' }), groupNorm({ groups: 3 }), conv2d({ filters: 4, size: 2 }), groupNorm({ groups: 1, affine: false }), ...head()), inputShape: [5, 6, 2] },
  'instance norm': { model: layersOf(conv2d({ filters: 5, size: 3, activation: 'relu' }), instanceNorm(), activation({ of: 'relu' }), globalAveragePool(), dense({ units: 3 })), inputShape: [6, 5, 2] },
  'RMS norm and layer norm apart': { model: layersOf(dense({ units: 7, activation: 'relu' }), rmsNorm(), dense({ units: 6, activation: 'relu' }), layerNorm({ affine: false }), dense({ units: 3 })), inputShape: [5] },
  'sequences': { model: layersOf(conv1d({ filters: 6, size: 3, padding: 'causal', activation: 'relu' }), conv1d({ filters: 4, size: 2, stride: 2, activation: 'elu' }), conv1d({ filters: 5, size: 3, padding: 'valid' }), conv1d({ filters: 4, size: 1 }), ...head()), inputShape: [9, 4] },
  'causal strides': { model: layersOf(conv1d({ filters: 5, size: 4, stride: 3, padding: 'causal' }), conv1d({ filters: 3, size: 3, stride: 2 }), ...head()), inputShape: [11, 2] },
  'standardized kernels': { model: layersOf(standardizedConv2d({ filters: 8, size: 3, activation: 'relu' }), groupNorm({ groups: 2 }), standardizedConv2d({ filters: 5, size: 1, bias: false }), ...head()), inputShape: [6, 5, 3] },
  'dropped weights': { model: layersOf(dropConnect({ units: 9, rate: 0.4, activation: 'relu' }), dropConnect({ units: 6, rate: 0.2, bias: false, activation: 'tanh' }), dense({ units: 3 })), inputShape: [6] },
  'dropped channels': { model: layersOf(conv2d({ filters: 7, size: 3, activation: 'relu' }), spatialDropout({ rate: 0.4 }), conv2d({ filters: 5, size: 2 }), spatialDropout({ rate: 0.3 }), ...head()), inputShape: [5, 4, 2] },
  'alpha dropout': { model: layersOf(dense({ units: 9, activation: 'selu' }), alphaDropout({ rate: 0.2 }), dense({ units: 8, activation: 'relu' }), alphaDropout({ rate: 0.3 }), dense({ units: 3 })), inputShape: [5] },
  'normal noise': { model: layersOf(gaussianNoise({ stddev: 0.2 }), dense({ units: 8, activation: 'relu' }), gaussianDropout({ rate: 0.3 }), dense({ units: 7, activation: 'relu' }), gaussianNoise({ stddev: 0.1 }), dense({ units: 3 })), inputShape: [5] },
  'stochastic depth': { model: layersOf(conv2d({ filters: 4, size: 3, activation: 'relu' }), residual({ layers: [conv2d({ filters: 4, size: 3, activation: 'relu' }), stochasticDepth({ rate: 0.4 })] }), residual({ layers: [conv2d({ filters: 4, size: 3 }), stochasticDepth({ rate: 0.5, mode: 'batch' })] }), ...head()), inputShape: [5, 4, 2] },
  'a residual network of stochastic depth': { model: resnet({ filters: [4, 6], blocks: 2, stochasticDepth: 0.3 }), inputShape: [8, 8, 2], optimizer: sgd({ learningRate: 0.02 }) },
  'random features': { model: layersOf(randomProjection({ units: 12 }), dense({ units: 3 })), inputShape: [5] },
  'random features inside': { model: layersOf(dense({ units: 6, activation: 'relu' }), randomProjection({ units: 8, activation: 'tanh' }), dense({ units: 3 })), inputShape: [5] },
  'batch norm alone, Keras': { model: layersOf(dense({ units: 6, bias: false }), batchNorm({ convention: 'keras', affine: false }), activation({ of: 'sigmoid' }), dense({ units: 3 })), inputShape: [4] },
};
for (const name of ['leakyRelu', 'elu', 'selu', 'gelu', 'swish', 'sigmoid', 'tanh', 'softplus', 'linear'] as const) {
  models[`${name} inside and apart`] = { model: layersOf(dense({ units: 9, activation: name }), dense({ units: 7 }), activation({ of: name }), dense({ units: 3 })), inputShape: [4] };
}
