import type { PassCode } from '@gradstream/numerics';
import { isShared } from '../kernels/kernels.ts';
import { emitPass } from './emit-pass.ts';

/** A pass on one memory: element count, address of the uniforms, of the sums, and of each array in `arraysOf` order. */
export type WasmPass = (...words: readonly number[]) => void;

const modules = new Map<string, WebAssembly.Module>();

/** Compiles a pass; passes of the same structure share a module. */
export function wasmPass(pass: PassCode, memory: WebAssembly.Memory): WasmPass {
  const { uniforms, loads, code, stores, sums } = pass;
  const shared = isShared(memory);
  const structure = JSON.stringify([shared, uniforms, loads, code, stores, sums.map(({ register }) => register)]);
  let module = modules.get(structure);
  if (!module) modules.set(structure, (module = new WebAssembly.Module(emitPass(pass, shared))));
  return new WebAssembly.Instance(module, { env: { memory } }).exports.run as WasmPass;
}

/** The total of one sum from its four lanes. */
export const joined = (lanes: Float64Array, sum: number): number => lanes[4 * sum] + lanes[4 * sum + 1] + (lanes[4 * sum + 2] + lanes[4 * sum + 3]);
