import { engine, type DataType, type KernelBackend, type TensorInfo } from '@tensorflow/tfjs-core';
import { kernelsOn, roundingOf, SPILL_BYTES, type KernelOptions, type Kernels, type Rounding } from './kernels.ts';

/** What of TensorFlow.js's wasm backend 4.22 is used; all but `makeOutput` is private there and looked for before it is used. */
export interface WasmBackend extends KernelBackend {
  readonly wasm: {
    readonly asm?: Readonly<Record<string, unknown>>;
    readonly wasmMemory?: WebAssembly.Memory;
    _malloc(bytes: number): number;
    _free(at: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly memoryOffset: number }; has(dataId: object): boolean };
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
}

/** Our kernels on the memory in which a wasm backend keeps its tensors. */
export class TfjsHeap {
  private constructor(
    private readonly backend: WasmBackend,
    readonly memory: WebAssembly.Memory,
    readonly kernels: Kernels,
    readonly rounding: Rounding,
  ) {}

  private block = { at: 0, bytes: 0 };

  /** The heap of a backend, or a sentence why its memory cannot be shared. */
  static of(backend: WasmBackend, options: KernelOptions): TfjsHeap | string {
    const memory = memoryOf(backend);
    if (!memory) return 'the memory of this version of TensorFlow.js’s wasm backend is not where it was in 4.22';
    const rounding = roundingOf(options);
    try {
      return new TfjsHeap(backend, memory, kernelsOn(memory, aligned(backend.wasm._malloc(SPILL_BYTES + 16)), rounding), rounding);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Address of a tensor's values. */
  at({ dataId }: TensorInfo): number {
    // A tensor of another backend comes here when it is first used, as TensorFlow.js brings it.
    if (!this.backend.dataIdMap.has(dataId)) engine().moveData(this.backend, dataId);
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** A tensor's values; the view is good until the heap grows. */
  floats(info: TensorInfo): Float32Array {
    return new Float32Array(this.memory.buffer, this.at(info), info.shape.reduce((n, d) => n * d, 1));
  }

  ints(info: TensorInfo): Int32Array {
    return new Int32Array(this.memory.buffer, this.at(info), info.shape.reduce((n, d) => n * d, 1));
  }

  output(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
    return this.backend.makeOutput([...shape], dtype);
  }

  /** Addresses of blocks of these sizes, all overwritten by the next call. */
  scratch(...bytes: readonly number[]): number[] {
    const starts = bytes.map(() => 0);
    let total = 16;
    bytes.forEach((size, i) => {
      starts[i] = total;
      total += (size + 15) & ~15;
    });
    if (total > this.block.bytes) {
      if (this.block.at) this.backend.wasm._free(this.block.at);
      this.block = { at: this.backend.wasm._malloc(total) >>> 0, bytes: total };
      if (!this.block.at) {
        this.block = { at: 0, bytes: 0 };
        throw new Error(`engine: the wasm heap has no room for ${total} bytes of scratch`);
      }
    }
    const base = aligned(this.block.at) - 16;
    return starts.map((start) => base + start);
  }
}

const aligned = (at: number): number => ((at >>> 0) + 15) & ~15;

function memoryOf({ wasm, dataIdMap }: WasmBackend): WebAssembly.Memory | undefined {
  if (typeof wasm?._malloc !== 'function' || typeof dataIdMap?.get !== 'function') return undefined;
  if (wasm.wasmMemory instanceof WebAssembly.Memory) return wasm.wasmMemory;
  return Object.values(wasm.asm ?? {}).find((value): value is WebAssembly.Memory => value instanceof WebAssembly.Memory);
}
