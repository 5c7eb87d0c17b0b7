import { kernelModule, SPILL_BYTES, type Kernel, type Rounding } from '../kernels/kernels.ts';
import type { Arena } from './arena.ts';
import { startHelper, startsAtOnce, threadsMissing, type Helper } from './helpers.ts';
import type { Program } from './program.ts';

/** A thread that may not sleep waits so long for the others before it says that they are lost. */
const PATIENCE_MS = 10_000;
/** Between two looks at the clock. */
const SPINS = 1 << 16;

/**
 * Helper threads on an arena; the caller's own thread is the first of `parts`. Until they have loaded, and where they cannot
 * be, the caller carries out every part itself, which gives the same bits.
 */
export class Crew {
  private readonly gate: number;
  private readonly controls: readonly number[];
  /** What `HelperWork` says of it; not in the arena, which the next run may overwrite while a helper has still to load or to leave. */
  private readonly state = new Int32Array(new SharedArrayBuffer(8));
  private helpers?: readonly Helper[];
  private loaded = 0;
  private failure?: string;
  private working = false;
  /** Whether this thread may sleep at a gate: a page's own thread may not. */
  private readonly sleeps = maySleep();

  private constructor(
    private readonly arena: Arena,
    private readonly threads: number,
    private readonly rounding: Rounding,
  ) {
    this.gate = arena.allocate(8).at;
    this.controls = Array.from({ length: threads - 1 }, () => arena.allocate(8).at);
    if (!startsAtOnce()) this.load();
  }

  /** Helpers for `threads` threads, or a sentence why there can be none. */
  static start(arena: Arena, threads: number, rounding: Rounding): Crew | string {
    return threadsMissing() ?? new Crew(arena, threads, rounding);
  }

  /** Parts that a program is split into. */
  get parts(): number {
    return this.failure === undefined ? this.threads : 1;
  }

  /** How many threads work, in words. */
  get said(): string {
    if (this.failure !== undefined) return `1 thread: ${this.failure}`;
    return `${this.threads} threads${this.helpers && this.loaded < this.helpers.length ? ', starting' : ''}`;
  }

  /** Carries out a program of as many parts together; returns when all of it is done. */
  run(program: Program): void {
    if (!this.working && !this.begin()) {
      this.runAlone(program);
      return;
    }
    const { kernels } = this.arena;
    this.controls.forEach((control, i) => {
      const { at, end } = program.span(i + 1);
      this.arena.ints(control, 2).set([at, end]);
    });
    this.meet();
    if (this.sleeps) {
      const { at, end } = program.span(0);
      kernels.run(at, end);
      return;
    }
    for (const { at, end } of program.stretches(0)) {
      kernels.run(at, end);
      this.meet(program.gate);
    }
  }

  /** Lets the helpers go; when it returns they use the arena no more. */
  stop(): void {
    if (this.working) {
      this.working = false;
      for (const control of this.controls) this.arena.ints(control, 2).set([0, 0]);
      this.meet();
      const left = (): number => Atomics.load(this.state, 1);
      if (this.sleeps) for (let n = 0; n < this.controls.length; n = left()) Atomics.wait(this.state, 1, n);
      else spinUntil(() => left() === this.controls.length);
    }
    for (const helper of this.helpers ?? []) helper.end();
  }

  /** Lets the helpers to the gate, if all are there. */
  private begin(): boolean {
    if (!this.helpers) this.load();
    if (this.loaded < this.helpers!.length || this.failure !== undefined) return false;
    this.working = true;
    Atomics.store(this.state, 0, 1);
    Atomics.notify(this.state, 0);
    return true;
  }

  private load(): void {
    this.helpers = this.controls.map((control) => startHelper(
      { module: kernelModule(true, this.rounding), memory: this.arena.memory, spill: this.arena.allocate(SPILL_BYTES).at, gate: this.gate, parts: this.threads, control, state: this.state },
      () => void this.loaded++,
      (reason) => void (this.failure ??= reason),
    ));
  }

  /** All parts one after the other, from gate to gate. */
  private runAlone(program: Program): void {
    const { kernels } = this.arena;
    program.stretches(0).forEach((_, i) => {
      for (let part = 0; part < program.parts; part++) {
        const { at, end } = program.stretches(part)[i];
        kernels.run(at, end);
      }
    });
  }

  /** Waits for the others at a gate; without sleep it does by itself what `assembly/barrier.ts` does. */
  private meet(gate = this.gate): void {
    if (this.sleeps) {
      (this.arena.kernels.barrier as Kernel)(gate, this.threads);
      return;
    }
    const words = this.arena.ints(gate, 2);
    const round = Atomics.load(words, 1);
    if (Atomics.add(words, 0, 1) === this.threads - 1) {
      Atomics.store(words, 0, 0);
      Atomics.store(words, 1, round + 1);
      Atomics.notify(words, 1);
    } else {
      spinUntil(() => Atomics.load(words, 1) !== round);
    }
  }
}

function spinUntil(done: () => boolean): void {
  const since = performance.now();
  while (performance.now() - since < PATIENCE_MS) {
    for (let i = 0; i < SPINS; i++) if (done()) return;
  }
  throw new Error(`engine: a helper thread of the plan has not answered for ${PATIENCE_MS / 1000} s; train on one thread`);
}

function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
