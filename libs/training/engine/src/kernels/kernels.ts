import type { KernelName } from '../plan/opcodes.ts';
import { RELAXED, STRICT } from './bytes.ts';
import { withSharedMemory } from './shared-import.ts';

/** One kernel: addresses in bytes, counts in elements, flags as 0 or 1. Parameters stand in `assembly/`. */
export type Kernel = (...words: readonly number[]) => number;

/** The kernels on one memory. */
export type Kernels = Readonly<Record<KernelName | 'run' | 'gemmScratch' | 'convKernelGradScratch' | 'sumOfSquares' | 'dot' | 'mix', Kernel>>;

/** How products are added: `strict` rounds after each operation, the same bits on every machine; `relaxed` once, where the runtime and processor can. */
export type Rounding = 'strict' | 'relaxed';

export interface KernelOptions {
  /** Strict rounding even where relaxed is there. Default false. */
  readonly strict?: boolean;
}

/** Bytes that `useSpill` needs, one block for each instance. */
export const SPILL_BYTES = 128;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

const modules = new Map<string, WebAssembly.Module>();

/** The compiled kernels, once for each kind of memory and rounding. */
export function kernelModule(shared: boolean, rounding: Rounding): WebAssembly.Module {
  const name = `${rounding} ${shared}`;
  let found = modules.get(name);
  if (!found) {
    const bytes = bytesOf(rounding === 'relaxed' ? RELAXED : STRICT);
    modules.set(name, (found = new WebAssembly.Module(shared ? (withSharedMemory(bytes) as Uint8Array<ArrayBuffer>) : bytes)));
  }
  return found;
}

let relaxed: boolean | undefined;

/** Whether this runtime has relaxed SIMD. Node 20 has it behind a flag of V8, which is set here. */
export function hasRelaxedSimd(): boolean {
  if (relaxed === undefined) {
    const bytes = bytesOf(RELAXED);
    relaxed = WebAssembly.validate(bytes);
    if (!relaxed) {
      const node = (globalThis as { process?: { getBuiltinModule?(name: 'node:v8'): { setFlagsFromString(flag: string): void } } }).process;
      node?.getBuiltinModule?.('node:v8').setFlagsFromString('--experimental-wasm-relaxed-simd');
      relaxed = WebAssembly.validate(bytes);
    }
  }
  return relaxed;
}

/** Why the kernels cannot run here, or undefined. */
export const kernelsMissing = (): string | undefined =>
  typeof WebAssembly === 'undefined' ? 'there is no WebAssembly here' : WebAssembly.validate(bytesOf(STRICT)) ? undefined : 'this runtime has no WebAssembly SIMD';

export const roundingOf = ({ strict = false }: KernelOptions): Rounding => (!strict && hasRelaxedSimd() ? 'relaxed' : 'strict');

export const isShared = (memory: WebAssembly.Memory): boolean => typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;

/**
 * Puts the kernels on a memory.
 *
 * @param spill address of SPILL_BYTES that nobody else uses, multiple of 16
 */
export function kernelsOn(memory: WebAssembly.Memory, spill: number, rounding: Rounding): Kernels {
  const { exports } = new WebAssembly.Instance(kernelModule(isShared(memory), rounding), { env: { memory } });
  (exports.useSpill as Kernel)(spill);
  return exports as unknown as Kernels;
}
