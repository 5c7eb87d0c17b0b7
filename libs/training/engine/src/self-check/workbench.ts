import { fold, integerAt, key, uniforms } from '@gradstream/numerics';
import type { Kernels } from '../kernels/kernels.ts';
import type { Arena, Block } from '../plan/arena.ts';

/** What a check works with: kernels, room on their memory, and random numbers from a seed. */
export class Workbench {
  private readonly blocks: Block[] = [];
  private drawn = 0;

  /** @param kernels those of the arena, unless a test puts broken ones in their place */
  constructor(
    readonly arena: Arena,
    private readonly seed: number,
    readonly kernels: Kernels = arena.kernels,
  ) {}

  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + integerAt(fold(key(this.seed), this.drawn++), 0, high - low + 1);
  }

  /** Random numbers in [-1, 1) on the memory; `byteOffset` is their address. */
  numbers(n: number): Float32Array {
    const values = this.room(n);
    values.set(uniforms(fold(key(this.seed), this.drawn++), n));
    for (let i = 0; i < n; i++) values[i] = 2 * values[i] - 1;
    return values;
  }

  room(n: number): Float32Array {
    const block = this.arena.allocate(4 * n);
    this.blocks.push(block);
    return this.arena.floats(block.at, n);
  }

  clear(): void {
    for (const block of this.blocks.splice(0)) this.arena.release(block);
  }
}
