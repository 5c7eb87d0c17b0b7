import * as tf from '@tensorflow/tfjs-core';
import { InputError, positiveInteger } from '@gradstream/numerics';
import { defineLayer } from '../define.ts';
import { initializer, initializers, type InitializerName } from '../initializers.ts';

export interface EmbeddingOptions {
  /** Tokens are 0 … vocabulary − 1. */
  readonly vocabulary: number;
  /** Numbers for each token. */
  readonly units: number;
  /** Default `smallNormal`. */
  readonly tableInit?: InitializerName;
}

/** A learned row for each token: int32 [positions] to [positions, units]. */
export const embedding = defineLayer<EmbeddingOptions>({
  kind: 'embedding',
  options: { vocabulary: positiveInteger, units: positiveInteger, tableInit: initializer },
  defaults: { tableInit: 'smallNormal' },
  outputShape: ({ units }, inputShape) => {
    if (inputShape.length !== 1) throw new InputError(`expects tokens [positions], received [${inputShape}]`);
    return [...inputShape, units];
  },
  params: ({ vocabulary, units, tableInit }) => [{ name: 'table', shape: [vocabulary, units], role: 'embedding', init: initializers[tableInit], fan: { in: vocabulary, out: units } }],
  apply: (_, x, { table }) => tf.gather(table, tf.cast(x, 'int32')),
});

export interface PositionEmbeddingOptions {
  /** Default `smallNormal`. */
  readonly tableInit?: InitializerName;
}

/** Adds a learned row for each position: [positions, units] to the same. */
export const positionEmbedding = defineLayer<PositionEmbeddingOptions>({
  kind: 'positionEmbedding',
  options: { tableInit: initializer },
  defaults: { tableInit: 'smallNormal' },
  outputShape: (_, inputShape) => {
    if (inputShape.length !== 2) throw new InputError(`expects sequences [positions, channels], received [${inputShape}]`);
    return inputShape;
  },
  params: ({ tableInit }, inputShape) => [{ name: 'table', shape: inputShape, role: 'embedding', init: initializers[tableInit], fan: { in: inputShape[0], out: inputShape[1] } }],
  apply: (_, x, { table }) => tf.add(x, table),
});
