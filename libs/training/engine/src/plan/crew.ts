import { kernelModule, SPILL_BYTES, type Kernel, type Rounding } from '../kernels/kernels.ts';
import type { Arena } from './arena.ts';
import type { Program } from './program.ts';

/** What is used of node:worker_threads. */
interface NodeWorkers {
  Worker: new (source: string, options: { eval: boolean; workerData: object }) => { unref(): void };
}

/**
 * What a helper does: it waits at the gate, runs its list of the program, and waits again. It never returns to its event
 * loop, and ends with the process or at a list that is empty.
 */
const HELPER = `
const { workerData: { module, memory, spill, gate, control, parts, ended } } = require('node:worker_threads');
const { useSpill, barrier, run } = new WebAssembly.Instance(module, { env: { memory } }).exports;
useSpill(spill);
const words = new Int32Array(memory.buffer, control, 2);
for (;;) {
  barrier(gate, parts);
  if (words[1] === 0) break;
  run(words[0], words[1]);
}
Atomics.add(ended, 0, 1);
Atomics.notify(ended, 0);`;

function nodeWorkers(): NodeWorkers | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:worker_threads'): NodeWorkers } };
  return process?.getBuiltinModule?.('node:worker_threads');
}

/** Why a plan runs on one thread here, or undefined. */
export function threadsMissing(): string | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return 'memory cannot be shared here';
  return nodeWorkers() ? undefined : 'threads of a plan need Node 20.16 or later';
}

/** Helper threads on an arena; the caller's own thread is the first of `parts`. They start with the first program they are needed for. */
export class Crew {
  private readonly gate: number;
  private readonly controls: readonly number[];
  /** How many helpers have left; not in the arena, which the next run may overwrite by then. */
  private readonly ended = new Int32Array(new SharedArrayBuffer(4));
  private working = false;

  private constructor(
    private readonly arena: Arena,
    readonly parts: number,
    private readonly workers: NodeWorkers,
    private readonly rounding: Rounding,
  ) {
    this.gate = arena.allocate(8).at;
    this.controls = Array.from({ length: parts - 1 }, () => arena.allocate(8).at);
  }

  /** Helpers for `parts` threads, or a sentence why there can be none. */
  static start(arena: Arena, parts: number, rounding: Rounding): Crew | string {
    return threadsMissing() ?? new Crew(arena, parts, nodeWorkers()!, rounding);
  }

  /** Carries out a program of as many parts together; returns when all of it is done. */
  run(program: Program): void {
    if (!this.working) this.begin();
    const { kernels } = this.arena;
    this.controls.forEach((control, i) => {
      const { at, end } = program.span(i + 1);
      this.arena.ints(control, 2).set([at, end]);
    });
    (kernels.barrier as Kernel)(this.gate, this.parts);
    const { at, end } = program.span(0);
    kernels.run(at, end);
  }

  /** Lets the helpers go, who have all been waiting at the gate; when it returns they use the arena no more. */
  stop(): void {
    if (!this.working) return;
    this.working = false;
    for (const control of this.controls) this.arena.ints(control, 2).set([0, 0]);
    (this.arena.kernels.barrier as Kernel)(this.gate, this.parts);
    for (let left = 0; left < this.controls.length; left = Atomics.load(this.ended, 0)) Atomics.wait(this.ended, 0, left);
  }

  private begin(): void {
    this.working = true;
    for (const control of this.controls) {
      const spill = this.arena.allocate(SPILL_BYTES).at;
      const workerData = { module: kernelModule(true, this.rounding), memory: this.arena.memory, spill, gate: this.gate, control, parts: this.parts, ended: this.ended };
      new this.workers.Worker(HELPER, { eval: true, workerData }).unref();
    }
  }
}
