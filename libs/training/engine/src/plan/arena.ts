import { isShared, kernelsOn, SPILL_BYTES, type Kernels, type Rounding } from '../kernels/kernels.ts';

const PAGE = 65536;
/** Shared memory must say how far it may grow; the most there is. */
const MAXIMUM_PAGES = 65536;

/** A piece of an arena; `at` is a byte address, a multiple of 64. */
export interface Block {
  readonly at: number;
  readonly bytes: number;
}

const idle: WebAssembly.Memory[] = [];

/**
 * The memory of one run: params, gradients, slots and the buffers of its plans, in a WebAssembly memory of its own with the
 * kernels on it. Shared where the runtime allows it, so that a second thread may work in it.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly shared: boolean;
  private free: Block[] = [];
  private end: number;

  constructor(readonly rounding: Rounding) {
    this.memory = idle.pop() ?? newMemory();
    this.shared = isShared(this.memory);
    this.kernels = kernelsOn(this.memory, 64, rounding);
    this.end = 64 + SPILL_BYTES;
  }

  /** Zeroed memory. Views of memory that is not shared must be made anew when it has grown. */
  allocate(bytes: number): Block {
    const size = Math.max(64, (bytes + 63) & ~63);
    const found = this.free.findIndex((block) => block.bytes >= size);
    if (found >= 0) {
      const [block] = this.free.splice(found, 1);
      if (block.bytes > size) this.free.push({ at: block.at + size, bytes: block.bytes - size });
      new Uint8Array(this.memory.buffer, block.at, size).fill(0);
      return { at: block.at, bytes: size };
    }
    const at = this.end;
    const missing = at + size - this.memory.buffer.byteLength;
    if (missing > 0) this.grow(missing);
    this.end += size;
    new Uint8Array(this.memory.buffer, at, size).fill(0);
    return { at, bytes: size };
  }

  release(block: Block): void {
    // Joined with its neighbours, so that plans of many sizes do not leave crumbs.
    const blocks = [...this.free, block].sort((a, b) => a.at - b.at);
    this.free = blocks.reduce<Block[]>((joined, next) => {
      const last = joined.at(-1);
      if (last && last.at + last.bytes === next.at) joined[joined.length - 1] = { at: last.at, bytes: last.bytes + next.bytes };
      else joined.push(next);
      return joined;
    }, []);
    const last = this.free.at(-1);
    if (last && last.at + last.bytes === this.end) {
      this.end = last.at;
      this.free.pop();
    }
  }

  /** Bytes in use: flat over plans that come and go. */
  get used(): number {
    return this.end - this.free.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  ints(at: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** Hands the memory to the next run; nothing of this one may be used again. */
  dispose(): void {
    idle.push(this.memory);
  }

  private grow(bytes: number): void {
    try {
      this.memory.grow(Math.ceil(bytes / PAGE));
    } catch {
      throw new Error(`engine: the plan needs ${this.end + bytes} bytes, more than a WebAssembly memory can hold`);
    }
  }
}

function newMemory(): WebAssembly.Memory {
  if (typeof SharedArrayBuffer !== 'undefined') return new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
  return new WebAssembly.Memory({ initial: 16 });
}
