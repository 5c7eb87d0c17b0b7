/** Short runs on plain numbers, in float64. */
import type { ParamInfo } from '@gradstream/numerics';
import { bind, type BoundOptimizer, type Transformation } from '../index.ts';

export const kernel = (name: string, shape: readonly number[] = [1]): ParamInfo => ({ name, shape, role: 'kernel' });
export const bias = (name: string, shape: readonly number[] = [1]): ParamInfo => ({ name, shape, role: 'bias' });
export const X = kernel('x');

/** The values of one number under some gradients, in float64, beginning at p. */
export function path(transformation: Transformation, gradients: readonly number[], p = 1): number[] {
  const optimizer = bind(transformation, [X], { executor: 'float64' });
  const params = new Map([['x', Float64Array.of(p)]]);
  return gradients.map((g, step) => optimizer.update({ step, params, gradients: new Map([['x', Float64Array.of(g)]]) }).get('x')![0]);
}

export const last = (values: readonly number[]): number => values.at(-1)!;
export const constantly = (value: number, n: number): number[] => Array.from({ length: n }, () => value);

export type Bound64 = BoundOptimizer<Float64Array, Float64Array>;
export const named = (values: Readonly<Record<string, readonly number[]>>): Map<string, Float64Array> => new Map(Object.entries(values).map(([name, x]) => [name, Float64Array.from(x)]));
export const plain = (values: ReadonlyMap<string, Float64Array>): Record<string, number[]> => Object.fromEntries([...values].map(([name, x]) => [name, [...x]]));
export const reference = (transformation: Transformation, params: readonly ParamInfo[]): Bound64 => bind(transformation, params, { executor: 'float64' });
