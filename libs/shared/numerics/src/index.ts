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
export { copyInputs, gatherFrom, gathererOf, gatherLater, hasBytes, isWaiting, sizeOf } from './batch.ts';
export type { Batch, Examples, ExampleStore, InputValues, Split, SplitRole, TargetInfo, Targets, TargetsOf, TargetValues } from './batch.ts';
// Params
export { checkFits, copyWeights, weightsSha256 } from './params.ts';
export type { ParamInfo, ParamRole, Weight, Weights } from './params.ts';
// Expressions over scalars
export { abs, add, clamp, constant, div, element, eq, exp, floor, flush, fround, ge, gt, isFinite, le, log, lt, max, min, mod, mul, neg, pow, sign, sqrt, square, sub, sum, topological, uniform, where } from './expressions/nodes.ts';
export type { BinaryOp, Condition, Expr, SumOver, Term, Test, UnaryOp } from './expressions/nodes.ts';
export { evaluator, float64 } from './expressions/evaluate.ts';
export type { Algebra, Frame } from './expressions/evaluate.ts';
export { passLevels, schedule } from './expressions/schedule.ts';
export type { Instruction, Pass, PassCode, Program, ScheduleOptions, SumOutput } from './expressions/schedule.ts';
export { toLatex, toText } from './expressions/print.ts';
export type { KnownNodes } from './expressions/print.ts';
export { blocksKernel, jsKernel } from './expressions/kernels.ts';
export type { Kernel } from './expressions/kernels.ts';
