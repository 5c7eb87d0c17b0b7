import { InputError, shown, sizeOf, type InputValues, type Split, type SplitRole, type Targets, type TargetValues } from '@gradstream/numerics';
import { inMemory } from './split.ts';

/** Numbers in nested arrays, the same length at each depth. */
export type Nested = readonly number[] | readonly Nested[];

interface Source {
  /** Nested arrays [count, ...], or a typed array with `inputShape` beside it. */
  readonly inputs: Nested | InputValues;
  /** Shape of one example; wanted with a typed array. */
  readonly inputShape?: readonly number[];
  /** Default `arrays`. */
  readonly dataset?: string;
  /** Default `train`. */
  readonly role?: SplitRole;
  /** Names of the classes or of the predicted columns. */
  readonly names?: readonly string[];
}

/** A class for each example, counted from 0; `width` classes, by default one more than the largest. */
export interface ClassArrays extends Source { readonly classes: ArrayLike<number>; readonly width?: number }
/** A row of probabilities for each example. */
export interface ProbabilityArrays extends Source { readonly probabilities: readonly (readonly number[])[] }
/** A number, or a row of numbers, for each example. */
export interface ValueArrays extends Source { readonly values: ArrayLike<number> | readonly (readonly number[])[] }

/**
 * A split from arrays in code. The targets' name says what they are: `classes`, `probabilities` or `values`.
 *
 * @example
 * const xor = fromArrays({ inputs: [[0, 0], [0, 1], [1, 0], [1, 1]], classes: [0, 1, 1, 0] });
 */
export function fromArrays(source: ClassArrays): Split<'classes'>;
export function fromArrays(source: ProbabilityArrays): Split<'probabilities'>;
export function fromArrays(source: ValueArrays): Split<'values'>;
export function fromArrays(source: ClassArrays | ProbabilityArrays | ValueArrays): Split {
  const { dataset = 'arrays', role, names } = source;
  const { shape, values } = ArrayBuffer.isView(source.inputs) ? { shape: [0, ...typedShape(dataset, source)], values: source.inputs as InputValues } : flatten(`${dataset}: inputs`, source.inputs as Nested);
  return inMemory<Targets>({ dataset, role, names, store: { inputShape: shape.slice(1), inputs: values, targets: targetsFrom(dataset, source) } });
}

function typedShape(dataset: string, { inputShape }: Source): readonly number[] {
  if (!inputShape) throw new InputError(`${dataset}: inputs in a typed array need their inputShape`);
  return inputShape;
}

function targetsFrom(dataset: string, source: ClassArrays | ProbabilityArrays | ValueArrays): TargetValues {
  if ('classes' in source) {
    const values = Int32Array.from(source.classes, (value, i) => {
      if (!Number.isInteger(value)) throw new InputError(`${dataset}: the label of example ${i} must be a whole number, received ${shown(value)}`);
      return value;
    });
    const width = source.width ?? source.names?.length ?? values.reduce((most, value) => Math.max(most, value), -1) + 1;
    return { kind: 'classes', width, shape: [values.length], values };
  }
  const given = 'probabilities' in source ? source.probabilities : source.values;
  const { shape, values } = flatten(`${dataset}: targets`, ArrayBuffer.isView(given) ? Array.from(given as ArrayLike<number>) : given as Nested);
  const width = sizeOf(shape.slice(1));
  if ('values' in source) return { kind: 'values', width, shape: [shape[0], width], values };
  for (let i = 0; i < shape[0]; i++) {
    const sum = values.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b, 0);
    if (!(Math.abs(sum - 1) < 1e-4)) throw new InputError(`${dataset}: the probabilities of example ${i} must sum to 1, received ${sum}`);
  }
  return { kind: 'probabilities', width, shape: [shape[0], width], values };
}

/** Nested arrays laid flat; refuses ragged ones by path. */
function flatten(where: string, nested: Nested): { readonly shape: readonly number[]; readonly values: Float32Array } {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values = new Float32Array(sizeOf(shape));
  let at = 0;
  const walk = (level: unknown, depth: number, path: string): void => {
    if (depth === shape.length) {
      if (typeof level !== 'number') throw new InputError(`${where}${path} must be a number, received ${shown(level)}`);
      values[at++] = level;
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[depth]) {
      throw new InputError(`${where}${path} must be a list of ${shape[depth]}, received ${Array.isArray(level) ? `one of ${level.length}` : shown(level)}`);
    }
    level.forEach((inner, i) => walk(inner, depth + 1, `${path}[${i}]`));
  };
  walk(nested, 0, '');
  return { shape, values };
}
