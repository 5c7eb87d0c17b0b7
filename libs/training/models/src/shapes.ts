import { definitionOf } from './define.ts';
import type { Layer } from './layer.ts';

/** The shape that comes out of layers, one after the other. */
export const shapeThrough = (layers: readonly Layer[], inputShape: readonly number[]): readonly number[] =>
  layers.reduce((shape, layer) => definitionOf(layer).outputShape(layer, shape), inputShape);
