/** Optimizers run on any engine, with plain numbers going in and coming out. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { ParamInfo } from '@gradstream/numerics';
import { bind, type BoundOptimizer, type Named, type Transformation } from '@gradstream/optimizers';
import { fusedExecutor } from '@gradstream/engine';
import type { Engine } from './case.ts';
import type { Tensors } from './problems.ts';

export const ENGINES: readonly Engine[] = [
  { name: 'float64', precision: 'float64' },
  { name: 'js', precision: 'float32' },
  { name: 'cpu', precision: 'float32' },
  { name: 'wasm', precision: 'float32' },
  { name: 'fused', precision: 'float32' },
];

/** One memory for all cases. */
const fused = fusedExecutor();

/** Makes an engine's backend the current one. */
export async function enter({ name }: Engine): Promise<void> {
  tf.env().set('PROD', true);
  if (name === 'cpu' || name === 'wasm') await tf.setBackend(name);
  await tf.ready();
}

/** An optimizer with its params, on plain numbers. */
export interface Trainer {
  /** The params as they are trained. */
  params(): Tensors;
  /** The params to evaluate. */
  evaluationParams(): Tensors;
  step(step: number, gradients: (params: Tensors) => Tensors, size?: number): void;
  close(): void;
}

export function trainer(engine: Engine, transformation: Transformation, infos: readonly ParamInfo[], start: Tensors): Trainer {
  switch (engine.name) {
    case 'float64': return drive(bind(transformation, infos, { executor: 'float64' }), infos, start, (values) => values.slice(), (x) => x, () => undefined);
    case 'js': return drive(bind(transformation, infos, { executor: 'js' }), infos, start, (values) => Float32Array.from(values), (x) => Float64Array.from(x), () => undefined);
    case 'fused': return drive(bind(transformation, infos, { executor: fused }), infos, start, (values) => Float32Array.from(values), (x) => Float64Array.from(x), () => undefined);
    default: return drive<tf.Tensor>(bind(transformation, infos, { executor: 'tf' }), infos, start, (values, shape) => tf.tensor(Float32Array.from(values), [...shape]), (x) => Float64Array.from(x.dataSync()), (x) => x.dispose());
  }
}

function drive<A>(optimizer: BoundOptimizer<A, Float32Array | Float64Array>, infos: readonly ParamInfo[], start: Tensors, from: (values: Float64Array, shape: readonly number[]) => A, values: (x: A) => Float64Array, dispose: (x: A) => void): Trainer {
  const shapes = new Map(infos.map(({ name, shape }) => [name, shape]));
  const lend = (tensors: Tensors): Map<string, A> => new Map([...tensors].map(([name, each]) => [name, from(each, shapes.get(name)!)]));
  const read = (named: Named<A>): Tensors => new Map([...named].map(([name, x]) => [name, values(x).slice()]));
  let params: Named<A> = lend(start);
  return {
    params: () => read(params),
    evaluationParams: () => read(optimizer.evaluationParams(params)),
    step(step, gradientsOf, size) {
      const gradients = lend(gradientsOf(read(params)));
      const next = optimizer.update({ step, params, gradients, gradientsAt: (at) => lend(gradientsOf(read(at))), size });
      for (const x of gradients.values()) dispose(x);
      for (const [name, x] of params) if (next.get(name) !== x) dispose(x);
      params = next;
    },
    close() {
      optimizer.close();
      for (const x of params.values()) dispose(x);
    },
  };
}

/** Params of these shapes: matrices and higher are kernels, the rest biases. */
export const infosOf = (shapes: ReadonlyMap<string, readonly number[]>): ParamInfo[] =>
  [...shapes].map(([name, shape]) => ({ name, shape, role: shape.length > 1 ? 'kernel' : 'bias' }));
