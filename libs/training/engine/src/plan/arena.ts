import { isShared, kernelsOn, SPILL_BYTES, type Kernels, type Rounding } from '../kernels/kernels.ts';

const PAGE = 65536;
/** Shared memory must say how far it may grow; the most there is. */
const MAXIMUM_PAGES = 65536;
/** Memory that is not shared would take all views with it when it grows, so it is reserved at once, the most that can be had. Untouched pages cost nothing. */
const RESERVED_PAGES = [16384, 8192, 4096, 2048];

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
  /** The buffers that views of this memory have: shared memory gets another when it grows, and the old one stays good. */
  private readonly buffers = new Set<ArrayBufferLike>();

  constructor(readonly rounding: Rounding) {
    this.memory = idle.pop() ?? newMemory();
    this.shared = isShared(this.memory);
    this.kernels = kernelsOn(this.memory, 64, rounding);
    this.end = 64 + SPILL_BYTES;
    this.buffers.add(this.memory.buffer);
  }

  /** Zeroed memory. */
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

  /** Whether an array lies in this memory. */
  owns({ buffer }: Float32Array): boolean {
    return this.buffers.has(buffer);
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
      if (!this.shared) throw new RangeError('reserved');
      this.memory.grow(Math.ceil(bytes / PAGE));
      this.buffers.add(this.memory.buffer);
    } catch {
      throw new Error(`engine: the plan needs ${this.end + bytes} bytes, more than its WebAssembly memory can hold; use smaller batches or the tape`);
    }
  }
}

function newMemory(): WebAssembly.Memory {
  if (typeof SharedArrayBuffer !== 'undefined') return new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
  for (const initial of RESERVED_PAGES) {
    try {
      return new WebAssembly.Memory({ initial });
    } catch {
      continue;
    }
  }
  return new WebAssembly.Memory({ initial: 1024 });
}
