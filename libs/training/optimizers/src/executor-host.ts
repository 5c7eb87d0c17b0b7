import { float64, jsKernel, sizeOf, type Kernel, type PassCode } from '@gradstream/numerics';
import { float32Arrays, float64Arrays } from './arrays.ts';
import type { Named } from './bound.ts';
import type { Executor } from './executor.ts';
import { directSegment } from './segment-direct.ts';
import { kernelSegment } from './segment-kernel.ts';

const host = {
  release: () => undefined,
  flat: <A>(x: A): A => x,
  shaped: <A>(x: A): A => x,
  tidy: <A>(run: () => Named<A>): Named<A> => run(),
};

function assign<A extends Float32Array | Float64Array>(slot: A, next: A): A {
  slot.set(next);
  return slot;
}

function addInPlace<A extends Float32Array | Float64Array>(param: A, update: A): A {
  for (let i = 0; i < param.length; i++) param[i] += update[i];
  return param;
}

/**
 * Float32Arrays, one fused loop per pass.
 *
 * @param compile makes a pass into a loop; generated JavaScript unless given
 */
export const kernelExecutor = (compile: (pass: PassCode) => Kernel = jsKernel): Executor<Float32Array> => ({
  ...host,
  ops: float32Arrays,
  segment: (classes, state, apply) => kernelSegment(classes, state, apply, compile),
  create: (shape, start) => new Float32Array(sizeOf(shape)).fill(start),
  assign,
  write: assign,
  values: (x) => x.slice(),
  apply: addInPlace,
});

/** Float64Arrays, expressions read directly: the reference. */
export const float64Executor: Executor<Float64Array, Float64Array> = {
  ...host,
  ops: float64Arrays,
  segment: (classes, state, apply) => directSegment(classes, state, apply, float64, float64Executor),
  create: (shape, start) => new Float64Array(sizeOf(shape)).fill(start),
  assign,
  write: assign,
  values: (x) => x.slice(),
  apply: addInPlace,
};
