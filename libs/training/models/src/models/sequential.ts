import { factory, listOf } from '@gradstream/numerics';
import { layer } from '../define.ts';
import type { Layer } from '../layer.ts';
import type { Model } from '../model.ts';

export interface SequentialOptions {
  /** First to last. The last must give as many numbers as the targets have classes or columns. */
  readonly layers: readonly Layer[];
}

/** A model from a list of layers. */
export const sequential = factory<SequentialOptions, Model>('sequential', { layers: listOf(layer, 1) }, ({ layers }) => ({
  name: 'sequential',
  layers: () => layers,
}), ['layers']);
