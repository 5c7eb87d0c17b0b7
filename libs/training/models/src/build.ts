import { checkFits, InputError, isInputError, type Weights } from '@gradstream/numerics';
import { definitionOf } from './define.ts';
import type { Layer } from './layer.ts';
import type { Build, BuiltLayer, BuiltParam } from './model.ts';

/**
 * Gives every layer its place, shapes and param names.
 *
 * @param inputShape of one example, without the batch
 * @param width of the targets: classes, or predicted numbers
 * @throws InputError naming the layer whose input does not fit, a name given twice, or an output of another width
 */
export const build: Build = (model, inputShape, width) => {
  const layers = place(model.layers(inputShape, width), inputShape, '', model.name);
  const outputShape = layers.at(-1)?.outputShape ?? inputShape;
  if (outputShape.length === 0 || outputShape.length > 2 || outputShape.at(-1) !== width) {
    throw new InputError(`${model.name}: its last layer '${layers.at(-1)?.name ?? 'none'}' gives [${outputShape}], the targets need [${width}] (or [positions, ${width}])`);
  }
  const params = layers.flatMap(paramsOf);
  refuseUnbounded(params, model.name);
  return { model, inputShape, outputShape, layers, params: model.start ? started(params, model.start, model.name) : params };
};

/** Numbers of a model that one memory still holds: 4 GiB of float32. */
const MOST_PARAMS = 2 ** 30;

function refuseUnbounded(params: readonly BuiltParam[], where: string): void {
  const size = ({ shape }: BuiltParam): number => shape.reduce((n, d) => n * d, 1);
  const total = params.reduce((n, param) => n + size(param), 0);
  if (total <= MOST_PARAMS) return;
  const largest = params.reduce((a, b) => (size(b) > size(a) ? b : a));
  throw new InputError(`${where}: has ${total} params, and at most ${MOST_PARAMS} fit in memory; the largest is '${largest.name}' [${largest.shape}]`);
}

/** Params that begin with given values where these hold them. */
function started(params: readonly BuiltParam[], start: Weights, where: string): BuiltParam[] {
  checkFits(`${where}: weights to start from`, params.filter(({ name }) => start.has(name)), start);
  return params.map((param) => (start.has(param.name) ? { ...param, init: () => start.get(param.name)!.values.slice() } : param));
}

const paramsOf = (layer: BuiltLayer): BuiltLayer['params'] => [...layer.params, ...(layer.inner ?? []).flatMap(paramsOf)];

function place(layers: readonly Layer[], inputShape: readonly number[], path: string, where: string): BuiltLayer[] {
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  let shape = inputShape;
  return layers.map((layer) => {
    const definition = definitionOf(layer);
    const local = layer.name ?? counted(counts, definition.prefix ?? definition.kind);
    const name = path + local;
    if (taken.has(local)) throw new InputError(`${where}: two layers are named '${name}'`);
    taken.add(local);
    return at(`${where}: ${name}`, () => {
      const from = shape;
      const inner = definition.inner && place(definition.inner(layer), from, `${name}/`, where);
      const params = definition.params(layer, from).map((param) => ({ ...param, name: `${name}/${param.name}` }));
      shape = definition.outputShape(layer, from);
      return { layer, name, inputShape: from, outputShape: shape, params, ...(inner && { inner }) };
    });
  });
}

/** `dense1`, `dense2` … */
function counted(counts: Map<string, number>, prefix: string): string {
  const n = (counts.get(prefix) ?? 0) + 1;
  counts.set(prefix, n);
  return `${prefix}${n}`;
}

const placed = new WeakSet<InputError>();

/** Puts the place in front of what a layer refuses, the innermost place only. */
export function at<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isInputError(error) || placed.has(error)) throw error;
    const told = new InputError(`${place}: ${error.message}`);
    placed.add(told);
    throw told;
  }
}
