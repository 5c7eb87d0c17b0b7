// Errors and checks
export { InputError, isInputError, nearest, shown, unknownName } from './errors.ts';
export { between, boolean, checkOptions, either, finite, listOf, nonNegative, oneOf, positive, positiveInteger, text, unitClosed, unitHalfOpen, unitOpen, wholeNumber } from './checks.ts';
export type { JsonSchema, OptionTable, Rule } from './checks.ts';
// Hyper-parameters
export { hyper, HyperReader, isSubscribable } from './hyper.ts';
export type { Hyper, Schedule, Subscribable } from './hyper.ts';
// Documents
export { buildFrom, describable, factory, isComplete, registry, registrySchema, specOf, toSpec } from './spec.ts';
export type { Factory, Opaque, Registries, Registry, Spec } from './spec.ts';
// Randomness
export { beta, fold, gamma, integerAt, key, normalAt, normals, permutation, threefry, uniformAt, uniforms } from './random.ts';
export type { Key } from './random.ts';
// Data
export { sizeOf } from './batch.ts';
export type { Batch, Examples, InputValues, Split, SplitRole, TargetInfo, Targets, TargetValues } from './batch.ts';
// Params
export { checkFits, copyWeights, weightsSha256 } from './params.ts';
export type { ParamInfo, ParamRole, Weight, Weights } from './params.ts';
