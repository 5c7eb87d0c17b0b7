// Contracts
export type { ApplyContext, Initializer, Layer, LayerDefinition, LayerParam } from './layer.ts';
export type { BuiltLayer, BuiltModel, BuiltParam, Model } from './model.ts';
