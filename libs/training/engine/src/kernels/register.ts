import { backend as tfBackend, getBackend, getKernel, getKernelsForBackend, registerKernel, unregisterKernel, type KernelConfig, type KernelFunc, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import { kernelsMissing, type KernelOptions, type Rounding } from './kernels.ts';
import { TfjsHeap, type WasmBackend } from './tfjs-heap.ts';

/** What a kernel of ours is called with. */
export interface KernelCall {
  readonly heap: TfjsHeap;
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Another kernel of the backend. */
  kernel(name: string, inputs: Readonly<Record<string, TensorInfo>>, attrs?: object): TensorInfo;
  release(info: TensorInfo): void;
}

/** A kernel that takes the place of the wasm backend's; undefined leaves a call to the one before. */
export interface Replacement {
  readonly kernelName: string;
  run(call: KernelCall): TensorInfo | undefined;
}

const heaps = new WeakMap<WasmBackend, TfjsHeap | string>();
let settings: KernelOptions = {};

/** What the kernels registered over TensorFlow.js's do, for `doctor` and for runs that say which engine they use. */
export interface KernelStatus {
  readonly registered: readonly string[];
  /** Why none is registered, or none is used. */
  readonly reason?: string;
  readonly rounding?: Rounding;
}

const registered: string[] = [];
let reason: string | undefined;
let last: TfjsHeap | undefined;

/** Which kernels are registered, and how the last call of one rounded. */
export const kernelStatus = (): KernelStatus => ({ registered, ...(reason ? { reason } : {}), ...(last ? { rounding: last.rounding } : {}) });

/** Puts kernels over those of the wasm backend; once per process. Where SIMD is missing, nothing changes. */
export function registerOverWasm(replacements: readonly Replacement[], options: KernelOptions): void {
  settings = options;
  if (registered.length > 0) return;
  reason = kernelsMissing();
  if (reason) return;
  for (const replacement of replacements) {
    const { kernelName } = replacement;
    const before = getKernel(kernelName, 'wasm');
    const setups = getKernelsForBackend('wasm').find((config) => config.kernelName === kernelName);
    if (before) unregisterKernel(kernelName, 'wasm');
    registerKernel({ ...setups, kernelName, backendName: 'wasm', kernelFunc: over(replacement, before) });
    registered.push(kernelName);
  }
}

function over({ kernelName, run }: Replacement, before: KernelConfig | undefined): KernelFunc {
  return (call) => {
    const heap = heapOf(call.backend as WasmBackend);
    if (typeof heap !== 'string') {
      last = heap;
      const backend = call.backend as WasmBackend;
      const result = run({
        heap, inputs: call.inputs as Record<string, TensorInfo>, attrs: (call.attrs ?? {}) as Record<string, unknown>,
        kernel: (name, inputs, attrs = {}) => getKernel(name, 'wasm').kernelFunc({ inputs, backend, attrs: attrs as NamedAttrMap }) as TensorInfo,
        release: ({ dataId }) => void backend.disposeData(dataId),
      });
      if (result) return result;
    } else {
      reason = heap;
    }
    if (!before) throw new Error(`${kernelName}: TensorFlow.js’s wasm backend has no such kernel${typeof heap === 'string' ? `, and ours is not used: ${heap}` : ' for these arguments'}`);
    return before.kernelFunc(call);
  };
}

/** The heap of the wasm backend that runs, or a sentence why its memory cannot be worked in. */
export const currentHeap = (): TfjsHeap | string => kernelsMissing() ?? (getBackend() === 'wasm' ? heapOf(tfBackend() as WasmBackend) : 'the wasm backend does not run');

function heapOf(backend: WasmBackend): TfjsHeap | string {
  let heap = heaps.get(backend);
  if (!heap) heaps.set(backend, (heap = TfjsHeap.of(backend, settings)));
  return heap;
}
